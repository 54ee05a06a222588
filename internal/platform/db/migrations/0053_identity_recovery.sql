-- +goose Up
-- A code with which somebody gives himself a new password: one of an account at a time.
CREATE TABLE identity_password_code (
    account_id TEXT PRIMARY KEY REFERENCES identity_account (id),
    way        TEXT NOT NULL, -- mail, phone, window
    code_hash  TEXT NOT NULL,
    tries      INTEGER NOT NULL,
    issued_by  TEXT NOT NULL, -- clerk who printed it, '' when it was sent
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version    INTEGER NOT NULL
);
-- When somebody proved that a mail address is his; 0: it was only typed. Those from before count as proven.
ALTER TABLE identity_account ADD COLUMN mail_proven_at BIGINT NOT NULL DEFAULT 0;
UPDATE identity_account SET mail_proven_at = created_at WHERE email <> '';
-- +goose Down
SELECT 1;
