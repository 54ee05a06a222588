-- +goose Up
-- The app that shows one-time codes (RFC 6238): one of an account at a time.
CREATE TABLE identity_totp (
    account_id   TEXT PRIMARY KEY REFERENCES identity_account (id),
    secret       TEXT NOT NULL,   -- sealed; '' until a first code has proven it
    pending      TEXT NOT NULL,   -- sealed; the one that is being set up, '' for none
    pending_at   BIGINT NOT NULL,
    last_step    BIGINT NOT NULL, -- of the last code taken: neither it nor an earlier one counts again
    confirmed_at BIGINT NOT NULL,
    used_at      BIGINT NOT NULL,
    version      INTEGER NOT NULL
);

-- Codes on paper for who lost the app. The hash of 80 random bits needs no salt and no slowness.
CREATE TABLE identity_recovery_code (
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    hash       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, hash)
);

CREATE TABLE identity_passkey (
    id            TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    credential_id TEXT NOT NULL UNIQUE, -- base64url, as the authenticator names it
    name          TEXT NOT NULL,
    credential    JSONB NOT NULL,       -- public key, counter and flags
    created_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX identity_passkey_account ON identity_passkey (account_id);
-- +goose Down
SELECT 1;
