-- +goose Up
-- Sessions know whose they are, so that one can list and end them. Those from before do not: everybody signs in anew.
DELETE FROM auth_session;
ALTER TABLE auth_session ADD COLUMN id TEXT NOT NULL DEFAULT '';      -- names it to its owner; opens nothing
ALTER TABLE auth_session ADD COLUMN account TEXT NOT NULL DEFAULT ''; -- '' for a visitor, and until a second factor is shown
ALTER TABLE auth_session ADD COLUMN agent TEXT NOT NULL DEFAULT '';   -- what the browser calls itself
ALTER TABLE auth_session ADD COLUMN address TEXT NOT NULL DEFAULT ''; -- where the sign-in came from
ALTER TABLE auth_session ADD COLUMN begun_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE auth_session ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX auth_session_account ON auth_session (account) WHERE account <> '';

-- Every try to sign in. One for a login that nobody has is written too (account_id ''), so that it costs the same.
CREATE TABLE identity_sign_in (
    id         TEXT PRIMARY KEY, -- in the order of time
    account_id TEXT NOT NULL,
    at         BIGINT NOT NULL,
    ok         BOOLEAN NOT NULL,
    ways       TEXT NOT NULL,    -- what was shown, or failed, as 'password app'
    address    TEXT NOT NULL
);
CREATE INDEX identity_sign_in_account ON identity_sign_in (account_id, id);
CREATE INDEX identity_sign_in_at ON identity_sign_in (at);
-- +goose Down
SELECT 1;
