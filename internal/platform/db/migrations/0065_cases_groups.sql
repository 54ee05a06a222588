-- +goose Up
-- The group of the department whose members a task is for; '' for everybody of the department with its role.
ALTER TABLE cases_task ADD COLUMN group_id TEXT NOT NULL DEFAULT '';
CREATE INDEX cases_task_group ON cases_task (group_id, id) WHERE state = 'open' AND group_id <> '';
-- +goose Down
SELECT 1;
