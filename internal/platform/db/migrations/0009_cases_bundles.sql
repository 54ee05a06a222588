-- +goose Up
-- A case of a bundle (一件事) is an order: each step of it is a case of its own.
ALTER TABLE cases_case ADD COLUMN parent_id TEXT NOT NULL DEFAULT ''; -- the order that the case is a step of, '' for none
ALTER TABLE cases_case ADD COLUMN bundle BOOLEAN NOT NULL DEFAULT FALSE; -- the case is an order
CREATE INDEX cases_case_parent ON cases_case (parent_id) WHERE parent_id <> '';

CREATE TABLE cases_step (
    id              TEXT PRIMARY KEY,
    order_id        TEXT NOT NULL REFERENCES cases_case (id),
    position        INTEGER NOT NULL, -- from 1, over all groups
    group_no        INTEGER NOT NULL, -- from 1; the groups follow one another
    item_code       TEXT NOT NULL,
    item_version_id TEXT NOT NULL,
    name            JSONB NOT NULL,
    department_id   TEXT NOT NULL,
    state           TEXT NOT NULL, -- waiting, running, done, skipped, cancelled
    case_id         TEXT UNIQUE REFERENCES cases_case (id), -- NULL before it runs
    outcome         TEXT NOT NULL, -- granted, denied, withdrawn
    started_at      BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    version         INTEGER NOT NULL,
    UNIQUE (order_id, position)
);

DROP VIEW cases_v_fact;
-- What insight reads: one line a case, without names. part tells an order from
-- its steps and from a case that stands by itself ('case').
CREATE VIEW cases_v_fact AS
    SELECT id, item_id, item_code, department_id, region, receiving_region, hall_id, channel, party_kind, party_id, state, outcome,
           due_at, statutory_at, warn_at, yellow_at, red_at, paused, needs_applicant, submitted_at, accepted_at, decided_at, closed_at,
           CASE WHEN bundle THEN 'order' WHEN parent_id <> '' THEN 'step' ELSE 'case' END AS part
    FROM cases_case WHERE state <> 'draft';
-- +goose Down
SELECT 1;
