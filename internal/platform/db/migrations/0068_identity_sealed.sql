-- +goose Up
-- id_number, phone and email hold sealed text (platform/seal) from here on; numbers are found by their blind index.
ALTER TABLE identity_account ADD COLUMN id_number_index TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_account ADD COLUMN phone_index TEXT NOT NULL DEFAULT '';
DROP INDEX identity_account_phone;
CREATE UNIQUE INDEX identity_account_id_number_index ON identity_account (id_number_index) WHERE id_number_index <> '';
CREATE INDEX identity_account_phone_index ON identity_account (phone_index);
-- +goose Down
SELECT 1;
