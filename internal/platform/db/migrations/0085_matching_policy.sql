-- +goose Up
-- The library of policies: documents and their clauses, each with at most one draft beside what is published.
CREATE TABLE matching_policy (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,    -- document, clause
    key          TEXT NOT NULL,
    document     TEXT NOT NULL,    -- key of the document, of itself for one
    position     INTEGER NOT NULL, -- among the clauses of the document
    state        TEXT NOT NULL,    -- new, published, withdrawn
    edition      INTEGER NOT NULL, -- number of the published edition, 0 before the first
    published    JSONB NOT NULL,
    published_at BIGINT NOT NULL,
    draft        JSONB NOT NULL,
    stage        TEXT NOT NULL,    -- of the draft: '' when there is none, draft, proposed
    saved_by     TEXT NOT NULL,
    saved_at     BIGINT NOT NULL,
    proposed_by  TEXT NOT NULL,
    note         TEXT NOT NULL,    -- why it was proposed, or given back
    version      INTEGER NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX matching_policy_document ON matching_policy (document, position);
-- What was published, for ever.
CREATE TABLE matching_edition (
    id           TEXT PRIMARY KEY,
    policy_id    TEXT NOT NULL REFERENCES matching_policy (id),
    number       INTEGER NOT NULL,
    body         JSONB NOT NULL,
    saved_by     TEXT NOT NULL,
    published_by TEXT NOT NULL,
    reason       TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (policy_id, number)
);
-- Raised by whatever changes what readers see.
CREATE TABLE matching_generation (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO matching_generation (id, value) VALUES (1, 0);
-- +goose Down
SELECT 1;
