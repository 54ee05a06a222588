-- +goose Up
CREATE TABLE budget_fund ( -- money that a department may grant in a year
    id            TEXT PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE, -- items name it
    name          JSONB NOT NULL,
    department_id TEXT NOT NULL REFERENCES identity_department (id),
    year          INTEGER NOT NULL,
    total_fen     BIGINT NOT NULL,
    reserved_fen  BIGINT NOT NULL,
    granted_fen   BIGINT NOT NULL,
    closed        BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL,
    CHECK (reserved_fen >= 0 AND granted_fen >= 0 AND reserved_fen + granted_fen <= total_fen)
);
CREATE TABLE budget_entry ( -- the ledger: never changed, the sums of a fund are those of its entries
    id          TEXT PRIMARY KEY,
    fund_id     TEXT NOT NULL REFERENCES budget_fund (id),
    kind        TEXT NOT NULL, -- total, reserve, release, grant, return
    case_id     TEXT NOT NULL, -- '' for total
    case_number TEXT NOT NULL,
    party_name  JSONB NOT NULL,
    fen         BIGINT NOT NULL, -- of total: the change, may be negative; of the others always positive
    by_id       TEXT NOT NULL,
    by_name     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX budget_entry_case ON budget_entry (case_id, kind) WHERE case_id <> ''; -- nothing is booked twice for a case
CREATE INDEX budget_entry_fund ON budget_entry (fund_id, id);
-- +goose Down
SELECT 1;
