-- +goose Up
-- Until when what people said in an ended case is kept. No row: nobody has worked it out yet.
CREATE TABLE cases_retention (
    case_id   TEXT PRIMARY KEY REFERENCES cases_case (id),
    rule      TEXT NOT NULL,    -- key of the published table
    table_no  TEXT NOT NULL,    -- its version
    due_at    BIGINT NOT NULL,
    told_at   BIGINT NOT NULL,  -- when notice was given, 0 before
    waits_for TEXT NOT NULL,    -- what kept it from going when its time came, '' for nothing
    looked_at BIGINT NOT NULL,  -- last, once its time had come
    erased_at BIGINT NOT NULL,  -- 0 while it is kept
    version   INTEGER NOT NULL
);
CREATE INDEX cases_retention_due ON cases_retention (due_at, case_id) WHERE erased_at = 0;
CREATE INDEX cases_retention_erased ON cases_retention (erased_at) WHERE erased_at > 0;
-- What must not go before somebody says so: a lawsuit, an inspection.
CREATE TABLE cases_retention_hold (
    id        TEXT PRIMARY KEY,
    case_id   TEXT NOT NULL REFERENCES cases_case (id),
    reason    TEXT NOT NULL,
    until_at  BIGINT NOT NULL, -- first instant after it
    set_by    TEXT NOT NULL,
    set_at    BIGINT NOT NULL,
    lifted_by TEXT NOT NULL,
    lifted_at BIGINT NOT NULL, -- 0 while it stands
    version   INTEGER NOT NULL
);
CREATE INDEX cases_retention_hold_case ON cases_retention_hold (case_id) WHERE lifted_at = 0;
CREATE INDEX cases_case_closed ON cases_case (closed_at, id) WHERE closed_at > 0;
-- +goose Down
SELECT 1;
