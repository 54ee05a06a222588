-- +goose Up
-- Everything that anybody said of a firm. A line is never deleted; its state is
-- what the rules make of all lines of its place (firm, key, year), as_of grows
-- when the source repeats itself.
CREATE TABLE identity_fact (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    key           TEXT NOT NULL,    -- of the vocabulary
    year          INTEGER NOT NULL, -- 0: not yearly
    value         TEXT NOT NULL,    -- canonical
    source        TEXT NOT NULL,    -- registry, certificate, officer, declared
    origin        TEXT NOT NULL,    -- which register
    ref           TEXT NOT NULL,    -- sheet:…, case:…, certificate:…, account:…
    since         TEXT NOT NULL,    -- ISO dates for which the source said so
    as_of         TEXT NOT NULL,
    asked         BOOLEAN NOT NULL, -- declared against what was verified
    reason        TEXT NOT NULL,
    paper         TEXT NOT NULL,
    state         TEXT NOT NULL,    -- present, agrees, past, conflict, waiting, rejected
    disputed      BOOLEAN NOT NULL,
    recorded_at   BIGINT NOT NULL,
    recorded_by   TEXT NOT NULL,
    by_name       JSONB NOT NULL
);
CREATE INDEX identity_fact_place ON identity_fact (enterprise_id, key, year);
CREATE UNIQUE INDEX identity_fact_present ON identity_fact (enterprise_id, key, year) WHERE state = 'present';
CREATE INDEX identity_fact_open ON identity_fact (key, enterprise_id) WHERE state IN ('conflict', 'waiting');
CREATE TABLE identity_fact_decision (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    key           TEXT NOT NULL,
    year          INTEGER NOT NULL,
    value         TEXT NOT NULL,
    source        TEXT NOT NULL, -- whose word was taken
    origin        TEXT NOT NULL,
    rejected      JSONB NOT NULL,
    reason        TEXT NOT NULL,
    at            BIGINT NOT NULL,
    day           TEXT NOT NULL,
    by_account    TEXT NOT NULL,
    by_name       JSONB NOT NULL
);
CREATE INDEX identity_fact_decision_place ON identity_fact_decision (enterprise_id, key, year);
-- The state of a file as a whole.
CREATE TABLE identity_dossier (
    enterprise_id TEXT PRIMARY KEY REFERENCES identity_enterprise (id),
    score         INTEGER NOT NULL, -- completeness, 0 to 100
    register      TEXT NOT NULL,    -- known; waiting: opened while the register was down; unknown to it
    asked_at      BIGINT NOT NULL,  -- the register, last
    tries         INTEGER NOT NULL,
    changed_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX identity_dossier_score ON identity_dossier (score, enterprise_id);
CREATE INDEX identity_dossier_waiting ON identity_dossier (asked_at) WHERE register = 'waiting';
-- Yearly figures that were not kept before; NULL is missing, never zero. Of those
-- that are NOT NULL, missing names the ones that nobody has said.
ALTER TABLE identity_figure ADD COLUMN missing TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_figure ADD COLUMN main_fen BIGINT;
ALTER TABLE identity_figure ADD COLUMN high_tech_fen BIGINT;
ALTER TABLE identity_figure ADD COLUMN costs_fen BIGINT;
ALTER TABLE identity_figure ADD COLUMN assets_fen BIGINT;
ALTER TABLE identity_figure ADD COLUMN net_assets_fen BIGINT;
ALTER TABLE identity_figure ADD COLUMN patents_1 INTEGER;
ALTER TABLE identity_figure ADD COLUMN patents_2 INTEGER;
-- +goose Down
SELECT 1;
