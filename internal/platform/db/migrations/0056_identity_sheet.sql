-- +goose Up
-- Sheets of registers on their way into the files of firms.
CREATE TABLE identity_sheet (
    id          TEXT PRIMARY KEY,
    file_id     TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    options     JSONB NOT NULL,   -- register, as_of, confirmed
    state       TEXT NOT NULL,    -- checking, checked, applying, done, failed
    counts      JSONB NOT NULL,
    lines       JSONB NOT NULL,   -- what the rows would do, or did: the first few hundred that do something
    failure     TEXT NOT NULL,    -- code of the error that it ended with
    created_by  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX identity_sheet_created ON identity_sheet (created_at);
-- +goose Down
SELECT 1;
