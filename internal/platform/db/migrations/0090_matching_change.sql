-- +goose Up
-- Firms whose facts are others: every process that matches reads their files anew.
CREATE TABLE matching_change (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX matching_change_at ON matching_change (at);
-- +goose Down
SELECT 1;
