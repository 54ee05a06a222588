-- +goose Up
-- What a firm was told about a clause, once for each edition and kind, and what came of it.
CREATE TABLE matching_push (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    clause        TEXT NOT NULL,
    edition       INTEGER NOT NULL,
    kind          TEXT NOT NULL,   -- new, near, closing, invite
    state         TEXT NOT NULL,   -- told, opened, applied, granted, declined
    item          TEXT NOT NULL,   -- code of the item that receives applications, '' for none
    worth_fen     BIGINT NOT NULL, -- what it was worth to the firm when it was told, 0 when that could not be reckoned
    by_id         TEXT NOT NULL,   -- who invited, '' for the program
    case_id       TEXT NOT NULL,
    told_at       BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    applied_at    BIGINT NOT NULL,
    granted_at    BIGINT NOT NULL,
    declined_at   BIGINT NOT NULL,
    version       INTEGER NOT NULL,
    UNIQUE (enterprise_id, clause, edition, kind)
);
CREATE INDEX matching_push_item ON matching_push (enterprise_id, item);
CREATE INDEX matching_push_clause ON matching_push (clause, enterprise_id);
-- The last day on which a firm was told something: one message a day.
CREATE TABLE matching_push_day (
    enterprise_id TEXT PRIMARY KEY,
    day           TEXT NOT NULL
);
-- What a department notes of a firm that it would like to apply.
CREATE TABLE matching_push_note (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    clause        TEXT NOT NULL,
    by_id         TEXT NOT NULL,
    by_name       TEXT NOT NULL,
    words         TEXT NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX matching_push_note_clause ON matching_push_note (clause, enterprise_id);
-- +goose Down
SELECT 1;
