-- +goose Up
-- A copy of everything that is kept about somebody, made for himself.
CREATE TABLE identity_data_copy (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    state      TEXT NOT NULL, -- waiting, done, taken
    file_id    TEXT NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- 0 before it is done
    taken_at   BIGINT NOT NULL,
    version    INTEGER NOT NULL
);
CREATE INDEX identity_data_copy_account ON identity_data_copy (account_id, id);
CREATE INDEX identity_data_copy_expires ON identity_data_copy (expires_at);
-- Who wants his account gone, and from when it is. A line stays: it says when that happened, of an id that names nobody.
CREATE TABLE identity_leaving (
    account_id TEXT PRIMARY KEY REFERENCES identity_account (id),
    asked_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    told_at    BIGINT NOT NULL, -- when he was told that something keeps it from going, 0 for not
    done_at    BIGINT NOT NULL, -- 0 while he can change his mind
    version    INTEGER NOT NULL
);
CREATE INDEX identity_leaving_due ON identity_leaving (due_at) WHERE done_at = 0;
-- +goose Down
SELECT 1;
