-- +goose Up
-- Who checked a sheet, and whose mapping was used, stand beside who uploaded
-- it: none of them releases it. Until now a second check overwrote the first.
ALTER TABLE catalogue_import ADD COLUMN checked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE catalogue_import ADD COLUMN mapping_by TEXT NOT NULL DEFAULT '';
-- The file of all differences that the last check found, '' for none.
ALTER TABLE catalogue_import ADD COLUMN changes_id TEXT NOT NULL DEFAULT '';
UPDATE catalogue_import SET checked_by = created_by;
CREATE INDEX catalogue_import_state ON catalogue_import (state);
-- +goose Down
SELECT 1;
