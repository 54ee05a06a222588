-- +goose Up
-- Groups of a department (mailboxes): several of its staff who share a list of work.
CREATE TABLE identity_group (
    id            TEXT PRIMARY KEY, -- chosen by who opens it; flows name it
    department_id TEXT NOT NULL REFERENCES identity_department (id),
    name          TEXT NOT NULL,
    closed_at     BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE TABLE identity_group_member (
    id         TEXT PRIMARY KEY,
    group_id   TEXT NOT NULL REFERENCES identity_group (id),
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    from_on    TEXT NOT NULL,   -- first day
    until_on   TEXT NOT NULL,   -- last day, '' without an end
    added_by   TEXT NOT NULL,   -- account, '' for the engine itself
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT NOT NULL,
    version    INTEGER NOT NULL
);
CREATE INDEX identity_group_member_group ON identity_group_member (group_id) WHERE ended_at = 0;
CREATE INDEX identity_group_member_account ON identity_group_member (account_id) WHERE ended_at = 0;
-- +goose Down
SELECT 1;
