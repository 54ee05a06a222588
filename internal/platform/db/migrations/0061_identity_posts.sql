-- +goose Up
-- Posts with days, and who gave them.
ALTER TABLE identity_post ADD COLUMN from_on TEXT NOT NULL DEFAULT '';      -- first day, '' since the account is there
ALTER TABLE identity_post ADD COLUMN until_on TEXT NOT NULL DEFAULT '';     -- last day, '' without an end
ALTER TABLE identity_post ADD COLUMN given_by TEXT NOT NULL DEFAULT '';     -- account, '' for the engine itself
ALTER TABLE identity_post ADD COLUMN confirmed_by TEXT NOT NULL DEFAULT ''; -- the second person, of posts that need one
ALTER TABLE identity_post ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_post ADD COLUMN end_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_post ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX identity_post_until ON identity_post (until_on) WHERE ended_at = 0 AND until_on <> '';

-- A post that waits for a second person.
CREATE TABLE identity_post_proposal (
    id            TEXT PRIMARY KEY, -- in the order of time
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    role          TEXT NOT NULL,
    department_id TEXT NOT NULL REFERENCES identity_department (id),
    region        TEXT NOT NULL REFERENCES identity_region (code),
    from_on       TEXT NOT NULL,
    until_on      TEXT NOT NULL,
    reason        TEXT NOT NULL,
    proposed_by   TEXT NOT NULL,    -- account, or system for the command line
    proposed_at   BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    state         TEXT NOT NULL,    -- open, confirmed, refused, recalled; that one is over is derived from expires_at
    decided_by    TEXT NOT NULL,
    decided_at    BIGINT NOT NULL,
    answer        TEXT NOT NULL,    -- why it was refused or recalled
    version       INTEGER NOT NULL
);
CREATE INDEX identity_post_proposal_account ON identity_post_proposal (account_id);
CREATE INDEX identity_post_proposal_state ON identity_post_proposal (state, proposed_at);
-- +goose Down
SELECT 1;
