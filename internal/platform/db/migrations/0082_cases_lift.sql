-- +goose Up
-- A hold ends early only when two people say so: who asks, and who confirms.
ALTER TABLE cases_retention_hold ADD COLUMN lift_asked_by TEXT NOT NULL DEFAULT ''; -- '' while nobody asks for it
ALTER TABLE cases_retention_hold ADD COLUMN lift_asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases_retention_hold ADD COLUMN lift_reason TEXT NOT NULL DEFAULT '';
-- +goose Down
SELECT 1;
