-- +goose Up
-- What is typed remembers the form that it was typed into, and keeps aside what a newer form has no place for.
ALTER TABLE cases_buffer ADD COLUMN version_id TEXT NOT NULL DEFAULT '';
ALTER TABLE cases_buffer ADD COLUMN aside JSONB NOT NULL DEFAULT '[]';
