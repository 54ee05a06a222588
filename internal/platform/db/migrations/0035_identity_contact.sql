-- +goose Up
-- A mail address or phone that somebody wants to be reached by and has not proven yet: one of each at a time.
CREATE TABLE identity_contact (
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    kind       TEXT NOT NULL, -- mail, phone
    address    TEXT NOT NULL,
    code_hash  TEXT NOT NULL,
    tries      INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind)
);
-- +goose Down
SELECT 1;
