-- +goose Up
CREATE TABLE care_assignment ( -- who looks after a firm; rows are ended, never deleted
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    assigned_by   TEXT NOT NULL,
    since         BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL -- 0 while it lasts
);
CREATE UNIQUE INDEX care_assignment_live ON care_assignment (enterprise_id) WHERE ended_at = 0;
CREATE INDEX care_assignment_account ON care_assignment (account_id);
-- +goose Down
SELECT 1;
