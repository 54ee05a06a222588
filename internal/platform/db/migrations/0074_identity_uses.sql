-- +goose Up
-- The same person looking again and again for the same reason is one use that counts on.
ALTER TABLE identity_certificate_use ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE identity_certificate_use ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0; -- 0: as at
-- A program may work for a department: it sees and issues what that department does.
ALTER TABLE identity_client ADD COLUMN department_id TEXT NOT NULL DEFAULT '';
-- +goose Down
SELECT 1;
