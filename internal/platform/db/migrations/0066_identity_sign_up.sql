-- +goose Up
-- Somebody who wants an account and has not proven his telephone yet. Nothing here says whether there is an account already.
CREATE TABLE identity_sign_up (
    id            TEXT PRIMARY KEY,
    input         TEXT NOT NULL, -- what was typed but the password, sealed
    password_hash TEXT NOT NULL,
    code_hash     TEXT NOT NULL, -- '' until a code was sent; for ever when none is
    tries         INTEGER NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX identity_sign_up_expires ON identity_sign_up (expires_at);
-- +goose Down
SELECT 1;
