-- +goose Up
-- Who has checked that an account is the person it says, and when. What was only typed, and a proven telephone, stand in identity_account.
CREATE TABLE identity_real_name (
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    level      TEXT NOT NULL,  -- window, provider
    source     JSONB NOT NULL, -- where: the window, or the name of the provider
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, level)
);
-- +goose Down
SELECT 1;
