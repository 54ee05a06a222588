-- +goose Up
-- What the maker of an export saw when it was made; asked for again at each download.
ALTER TABLE cases_export ADD COLUMN reach TEXT NOT NULL DEFAULT '';
-- +goose Down
SELECT 1;
