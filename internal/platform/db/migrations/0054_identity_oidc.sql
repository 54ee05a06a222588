-- +goose Up
-- Which identity at which provider of single sign-on opens which account.
CREATE TABLE identity_oidc_link (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    provider   TEXT NOT NULL, -- key in the file of providers
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (account_id, provider)
);
-- +goose Down
SELECT 1;
