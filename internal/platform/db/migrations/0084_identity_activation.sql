-- +goose Up
-- Accounts of staff that somebody opened for somebody else. They are their owner's once he has given them a password of
-- his own, and have weight once a security administrator, another one than who opened them, has seen him (vouched_at).
CREATE TABLE identity_activation (
    account_id   TEXT PRIMARY KEY REFERENCES identity_account (id),
    opened_by    TEXT NOT NULL,
    code_hash    TEXT NOT NULL,   -- of the code that was printed for him, '' for none
    code_by      TEXT NOT NULL,
    code_until   BIGINT NOT NULL,
    activated_at BIGINT NOT NULL, -- 0: he has not signed in yet
    vouched_at   BIGINT NOT NULL, -- 0: nobody has seen him
    version      INTEGER NOT NULL
);
-- +goose Down
SELECT 1;
