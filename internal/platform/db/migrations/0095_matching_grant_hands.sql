-- +goose Up
-- Everybody who had a hand in a list: none of them releases it.
ALTER TABLE matching_grant ADD COLUMN hands JSONB NOT NULL DEFAULT '[]';
-- +goose Down
SELECT 1;
