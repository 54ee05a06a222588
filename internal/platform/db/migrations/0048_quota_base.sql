-- +goose Up
-- What one account took of the installation in a day.
CREATE TABLE quota_day (
    account_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    kind       TEXT NOT NULL, -- files, bytes, messages, drafts
    staff      BOOLEAN NOT NULL,
    used       BIGINT NOT NULL,
    PRIMARY KEY (account_id, day, kind)
);
CREATE INDEX quota_day_most ON quota_day (day, kind, used);
-- +goose Down
SELECT 1;
