-- +goose Up
-- When the applicant was reminded of a reply that is waited for, and when both sides were told that its day is over.
ALTER TABLE cases_ask ADD COLUMN reminded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases_ask ADD COLUMN over_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_ask_due ON cases_ask (due_at) WHERE state = 'open' AND over_at = 0;
-- +goose Down
SELECT 1;
