-- +goose Up
-- Two people of the department: who agreed first, and to what.
ALTER TABLE identity_claim ADD COLUMN first_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_claim ADD COLUMN first_name JSONB NOT NULL DEFAULT '{}';
ALTER TABLE identity_dossier ADD COLUMN first_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_dossier ADD COLUMN first_name JSONB NOT NULL DEFAULT '{}';
ALTER TABLE identity_dossier ADD COLUMN first_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_dossier ADD COLUMN first_version INTEGER NOT NULL DEFAULT 0; -- of the file that he agreed to
-- What somebody writes of a firm whose file nobody has verified: it need not be what stands there.
ALTER TABLE identity_claim ADD COLUMN said_name TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_claim ADD COLUMN said_person TEXT NOT NULL DEFAULT '';
-- Firms that wait for a person.
CREATE INDEX identity_dossier_unverified ON identity_dossier (enterprise_id) WHERE register IN ('waiting', 'unknown');
-- Who was let act for a firm before it was verified acts no more while people look at who he is.
UPDATE identity_agent SET ended_at = since + 1, ended_by = 'system', version = version + 1
WHERE ended_at = 0 AND given_by = 'claim' AND level = 'agent'
  AND EXISTS (SELECT 1 FROM identity_claim c WHERE c.enterprise_id = identity_agent.enterprise_id AND c.account_id = identity_agent.account_id AND c.provisional AND c.state = 'open');
-- +goose Down
SELECT 1;
