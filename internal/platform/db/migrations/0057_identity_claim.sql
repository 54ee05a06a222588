-- +goose Up
-- Who wants to act for a firm, and with what right.
CREATE TABLE identity_claim (
    id             TEXT PRIMARY KEY,
    enterprise_id  TEXT NOT NULL REFERENCES identity_enterprise (id),
    account_id     TEXT NOT NULL REFERENCES identity_account (id),
    level          TEXT NOT NULL,    -- that is given when it is accepted
    proven         BOOLEAN NOT NULL, -- the register says that it is the legal representative
    provisional    BOOLEAN NOT NULL, -- may act before it was decided, since the register did not answer
    paper          TEXT NOT NULL,    -- power of attorney, '' for none
    state          TEXT NOT NULL,    -- waiting (for the register), open, accepted, rejected
    reason         TEXT NOT NULL,
    decided_by     TEXT NOT NULL,    -- '' for the engine
    decided_name   JSONB NOT NULL,
    decided_at     BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    version        INTEGER NOT NULL
);
CREATE UNIQUE INDEX identity_claim_live ON identity_claim (enterprise_id, account_id) WHERE state IN ('waiting', 'open');
CREATE INDEX identity_claim_open ON identity_claim (created_at) WHERE state = 'open';
CREATE INDEX identity_claim_account ON identity_claim (account_id, created_at);
-- +goose Down
SELECT 1;
