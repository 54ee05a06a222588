-- +goose Up
-- Batches of automatic grants, their lines as they were when they were drafted, and what people object.
CREATE TABLE matching_grant (
    id            TEXT PRIMARY KEY,
    clause_id     TEXT NOT NULL,
    clause_key    TEXT NOT NULL,
    edition       INTEGER NOT NULL,
    clause        JSONB NOT NULL,    -- as it was
    document      JSONB NOT NULL,
    department_id TEXT NOT NULL,
    region        TEXT NOT NULL,
    period        TEXT NOT NULL,     -- once, or the year
    day           TEXT NOT NULL,     -- on which the lines were taken
    state         TEXT NOT NULL,
    unknown       INTEGER NOT NULL,  -- firms of which it could not be told
    barred        INTEGER NOT NULL,  -- firms that fit and have what excludes it
    drafted_by    TEXT NOT NULL,
    drafted_at    BIGINT NOT NULL,
    checked_by    TEXT NOT NULL,
    checked_at    BIGINT NOT NULL,
    released_by   TEXT NOT NULL,
    released_at   BIGINT NOT NULL,
    shown_until   BIGINT NOT NULL,   -- first instant that is too late for an objection
    answer_until  BIGINT NOT NULL,   -- first instant that is too late for an account
    remind_at     BIGINT NOT NULL,
    reminded_at   BIGINT NOT NULL,
    note          TEXT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX matching_grant_department ON matching_grant (department_id, id);
CREATE INDEX matching_grant_state ON matching_grant (state);
CREATE UNIQUE INDEX matching_grant_hand ON matching_grant (clause_key) WHERE state IN ('drafted', 'checked');
CREATE TABLE matching_grant_line (
    id            TEXT PRIMARY KEY,
    grant_id      TEXT NOT NULL REFERENCES matching_grant (id),
    seq           INTEGER NOT NULL,
    clause_key    TEXT NOT NULL,
    period        TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    uscc          TEXT NOT NULL,
    name          JSONB NOT NULL,
    fen           BIGINT NOT NULL,
    why           JSONB NOT NULL,
    state         TEXT NOT NULL,
    live          BOOLEAN NOT NULL,  -- holds the place of the firm for the clause and the period
    reason        TEXT NOT NULL,
    kept          TEXT NOT NULL,     -- why it stays though the firm fits no more
    bank          TEXT NOT NULL,
    account       TEXT NOT NULL,     -- sealed
    answered_by   TEXT NOT NULL,
    answered_at   BIGINT NOT NULL,
    version       INTEGER NOT NULL,
    UNIQUE (grant_id, seq)
);
CREATE UNIQUE INDEX matching_grant_line_once ON matching_grant_line (clause_key, period, enterprise_id) WHERE live;
CREATE INDEX matching_grant_line_firm ON matching_grant_line (enterprise_id);
CREATE TABLE matching_grant_objection (
    id          TEXT PRIMARY KEY,
    grant_id    TEXT NOT NULL REFERENCES matching_grant (id),
    line_id     TEXT NOT NULL REFERENCES matching_grant_line (id),
    account_id  TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    upheld      BOOLEAN NOT NULL,
    answer      TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX matching_grant_objection_line ON matching_grant_objection (line_id);
CREATE INDEX matching_grant_objection_grant ON matching_grant_objection (grant_id);
CREATE UNIQUE INDEX matching_grant_objection_open ON matching_grant_objection (line_id, account_id) WHERE answered_at = 0;
-- +goose Down
SELECT 1;
