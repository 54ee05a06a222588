-- +goose Up
-- Sheets of documents and clauses that somebody brought: what each row would do, or did.
CREATE TABLE matching_sheet (
    id         TEXT PRIMARY KEY,
    file_id    TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    state      TEXT NOT NULL, -- checked, taken
    counts     JSONB NOT NULL,
    lines      JSONB NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version    INTEGER NOT NULL
);
-- +goose Down
SELECT 1;
