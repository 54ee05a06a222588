-- +goose Up
-- The number of the last event of a case, so that a command need not look for it.
ALTER TABLE cases_case ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
UPDATE cases_case SET last_seq = (SELECT COALESCE(max(e.seq), 0) FROM cases_event e WHERE e.case_id = cases_case.id);
-- +goose Down
SELECT 1;
