-- +goose Up
-- Somebody is invited to act for a firm, by a code that is shown once.
CREATE TABLE identity_invitation (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    name          TEXT NOT NULL,        -- of the account that can take it
    sent_to       TEXT NOT NULL,        -- masked telephone or mail address; '' when it was not sent
    hash          TEXT NOT NULL UNIQUE, -- of the code
    level         TEXT NOT NULL,
    modules       TEXT NOT NULL,
    items         TEXT NOT NULL,
    read_only     BOOLEAN NOT NULL,
    since         BIGINT NOT NULL,
    until_at      BIGINT NOT NULL,
    hands_over    BOOLEAN NOT NULL,     -- who made it is a manager, no owner, once it is taken
    made_by       TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    state         TEXT NOT NULL,        -- open, accepted, declined, recalled
    answered_at   BIGINT NOT NULL,
    account_id    TEXT NOT NULL,        -- who answered, '' before
    version       INTEGER NOT NULL
);
CREATE INDEX identity_invitation_firm ON identity_invitation (enterprise_id, made_at);
