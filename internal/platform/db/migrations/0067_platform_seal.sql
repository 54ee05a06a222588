-- +goose Up
-- Keys that text in this database was sealed with: by name and fingerprint, never themselves.
CREATE TABLE seal_key (
    id          TEXT PRIMARY KEY,
    suite       TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    noted_at    BIGINT NOT NULL,
    retired_at  BIGINT NOT NULL -- 0: the ring must have it
);
-- Columns in which everything from before is sealed.
CREATE TABLE seal_column (
    name    TEXT PRIMARY KEY,
    done_at BIGINT NOT NULL
);
-- +goose Down
SELECT 1;
