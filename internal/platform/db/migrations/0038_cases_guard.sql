-- +goose Up
-- What the maker of an export saw when it was made; asked for again at each download.
ALTER TABLE cases_export ADD COLUMN reach TEXT NOT NULL DEFAULT '';

-- Until when a message holds a code that only its delivery can read; 0 for none.
ALTER TABLE notify_message ADD COLUMN secret_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX notify_message_secret ON notify_message (secret_until) WHERE secret_until > 0;
-- Codes that stood in clear: each was good for a quarter of an hour.
UPDATE notify_message SET params = '{"code":"······","minutes":15}' WHERE kind = 'contact_code';
-- +goose Down
SELECT 1;
