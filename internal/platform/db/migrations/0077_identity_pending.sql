-- +goose Up
-- An app that is being set up belongs to the session in which that was begun, and stands there.
ALTER TABLE identity_totp DROP COLUMN pending;
ALTER TABLE identity_totp DROP COLUMN pending_at;
DELETE FROM identity_totp WHERE secret = '';

-- A code from a window stands beside one that was sent, so that asking for one does not end the other.
DROP TABLE identity_password_code;
CREATE TABLE identity_password_code (
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    way        TEXT NOT NULL, -- mail, phone, window
    code_hash  TEXT NOT NULL,
    tries      INTEGER NOT NULL,
    issued_by  TEXT NOT NULL, -- clerk who printed it, '' when it was sent
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, way)
);
-- +goose Down
SELECT 1;
