-- +goose Up
-- Of which case a former version came: a change that was decided names its own.
ALTER TABLE identity_certificate_past ADD COLUMN case_id TEXT NOT NULL DEFAULT '';
CREATE INDEX identity_certificate_past_case ON identity_certificate_past (case_id) WHERE case_id <> '';
-- +goose Down
SELECT 1;
