-- +goose Up
-- What people said no to; somebody without a row said nothing, and the default holds.
CREATE TABLE identity_consent (
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    purpose    TEXT NOT NULL, -- recommend
    given      BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, purpose)
);
-- +goose Down
SELECT 1;
