-- +goose Up
-- Sheets of certificates and of credit records on their way into the register.
CREATE TABLE identity_batch (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,   -- certificates, credit
    department_id TEXT NOT NULL,   -- whose sheet it is
    file_id       TEXT NOT NULL,
    file_name     TEXT NOT NULL,
    state         TEXT NOT NULL,   -- checking, checked, taking, done, failed
    counts        JSONB NOT NULL,
    lines         JSONB NOT NULL,  -- what the rows would do, or did: the first few hundred
    failure       TEXT NOT NULL,   -- code of the error that it ended with
    created_by    TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    released_by   TEXT NOT NULL,
    finished_at   BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX identity_batch_department ON identity_batch (department_id, kind, created_at);
-- What a source calls a record: the same one is not entered twice.
ALTER TABLE identity_credit ADD COLUMN number TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX identity_credit_number ON identity_credit (source, number) WHERE number <> '';
-- +goose Down
SELECT 1;
