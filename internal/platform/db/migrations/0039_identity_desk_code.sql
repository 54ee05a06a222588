-- +goose Up
-- The code that somebody shows at a window instead of saying who he is and for whom he comes: one of each at a time.
CREATE TABLE identity_desk_code (
    account_id    TEXT PRIMARY KEY REFERENCES identity_account (id),
    enterprise_id TEXT NOT NULL, -- '' for himself
    hash          TEXT NOT NULL UNIQUE,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
-- +goose Down
SELECT 1;
