-- +goose Up
-- How far and how long somebody acts for a firm.
ALTER TABLE identity_agent ADD COLUMN modules TEXT NOT NULL DEFAULT '';            -- of auth.Modules, with blanks between; '' for all
ALTER TABLE identity_agent ADD COLUMN items TEXT NOT NULL DEFAULT '';              -- codes of single items, with blanks between; '' for all
ALTER TABLE identity_agent ADD COLUMN read_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE identity_agent ADD COLUMN until_at BIGINT NOT NULL DEFAULT 0;          -- first instant at which it is over; 0 without an end
ALTER TABLE identity_agent ADD COLUMN given_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_agent ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_agent ADD COLUMN reason TEXT NOT NULL DEFAULT '';             -- for which it was ended
ALTER TABLE identity_agent ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX identity_agent_firm ON identity_agent (enterprise_id, since);
-- A firm lets an organisation, a firm itself, act for it.
CREATE TABLE identity_mandate (
    id              TEXT PRIMARY KEY,
    enterprise_id   TEXT NOT NULL REFERENCES identity_enterprise (id),
    organisation_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    modules         TEXT NOT NULL,
    items           TEXT NOT NULL,
    read_only       BOOLEAN NOT NULL,
    since           BIGINT NOT NULL,
    until_at        BIGINT NOT NULL,
    given_by        TEXT NOT NULL,
    ended_at        BIGINT NOT NULL,
    ended_by        TEXT NOT NULL,
    ended_side      TEXT NOT NULL, -- firm, organisation
    reason          TEXT NOT NULL,
    version         INTEGER NOT NULL
);
CREATE UNIQUE INDEX identity_mandate_live ON identity_mandate (enterprise_id, organisation_id) WHERE ended_at = 0;
CREATE INDEX identity_mandate_organisation ON identity_mandate (organisation_id, since);
-- Whom of its people the organisation names for it.
CREATE TABLE identity_mandate_person (
    id         TEXT PRIMARY KEY,
    mandate_id TEXT NOT NULL REFERENCES identity_mandate (id),
    account_id TEXT NOT NULL REFERENCES identity_account (id),
    named_by   TEXT NOT NULL,
    since      BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_mandate_person_live ON identity_mandate_person (mandate_id, account_id) WHERE ended_at = 0;
CREATE INDEX identity_mandate_person_account ON identity_mandate_person (account_id);
