-- +goose Up
-- Until when a clock was to stand still, as the applicant was told: the first instant after it, 0 for none;
-- and when the desk was told that nobody answers, or that no end was named.
ALTER TABLE cases_pause ADD COLUMN until_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases_pause ADD COLUMN over_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases_request ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0; -- of a return: the first instant that is too late
ALTER TABLE cases_request ADD COLUMN over_at BIGINT NOT NULL DEFAULT 0;
-- +goose Down
SELECT 1;
