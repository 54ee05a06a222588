-- +goose Up
-- When somebody proved that a telephone is his; 0: it was only typed when he signed up. Those from before count as proven.
ALTER TABLE identity_account ADD COLUMN phone_proven_at BIGINT NOT NULL DEFAULT 0;
UPDATE identity_account SET phone_proven_at = created_at WHERE phone <> '';
-- +goose Down
SELECT 1;
