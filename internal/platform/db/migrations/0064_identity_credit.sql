-- +goose Up
ALTER TABLE identity_credit ADD COLUMN class TEXT NOT NULL DEFAULT '';         -- honour, broken, penalty, severe_penalty, arrears; '' by kind
ALTER TABLE identity_credit ADD COLUMN department_id TEXT NOT NULL DEFAULT ''; -- answers for it, '' when it came from elsewhere
ALTER TABLE identity_credit ADD COLUMN evidence_id TEXT NOT NULL DEFAULT '';   -- file
ALTER TABLE identity_credit ADD COLUMN struck_at BIGINT NOT NULL DEFAULT 0;    -- after an objection that was upheld
CREATE INDEX identity_credit_public ON identity_credit (from_on) WHERE kind = 'bad' AND repaired_at = 0 AND struck_at = 0;
CREATE TABLE identity_credit_objection (
    id           TEXT PRIMARY KEY,
    record_id    TEXT NOT NULL REFERENCES identity_credit (id),
    ask          TEXT NOT NULL, -- object, repair
    text         TEXT NOT NULL,
    fulfilled_on TEXT NOT NULL, -- of a repair: since when it is done
    file_id      TEXT NOT NULL,
    by_id        TEXT NOT NULL,
    at           BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    state        TEXT NOT NULL, -- asked, upheld, rejected
    decision     TEXT NOT NULL,
    decided_by   TEXT NOT NULL,
    decided_at   BIGINT NOT NULL,
    version      INTEGER NOT NULL
);
CREATE UNIQUE INDEX identity_credit_objection_open ON identity_credit_objection (record_id) WHERE state = 'asked';
CREATE INDEX identity_credit_objection_due ON identity_credit_objection (due_at) WHERE state = 'asked';
CREATE INDEX identity_credit_objection_of ON identity_credit_objection (record_id, id);
-- +goose Down
SELECT 1;
