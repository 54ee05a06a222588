-- +goose Up
CREATE TABLE catalogue_shelf (
    key      TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    icon     TEXT NOT NULL,
    name     JSONB NOT NULL,
    hint     JSONB NOT NULL
);

CREATE TABLE catalogue_item (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL, -- draft (never published), published, suspended
    version_id TEXT NOT NULL, -- the published version, '' before the first
    version    INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE catalogue_version (
    id           TEXT PRIMARY KEY,
    item_id      TEXT NOT NULL REFERENCES catalogue_item (id),
    number       INTEGER NOT NULL,
    state        TEXT NOT NULL, -- draft, published, retired
    definition   JSONB NOT NULL,
    created_by   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    saved_by     TEXT NOT NULL, -- who changed it last, and so may not publish it
    saved_at     BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    retired_at   BIGINT NOT NULL,
    version      INTEGER NOT NULL,
    UNIQUE (item_id, number)
);
CREATE UNIQUE INDEX catalogue_version_one_draft ON catalogue_version (item_id) WHERE state = 'draft';
CREATE UNIQUE INDEX catalogue_version_one_published ON catalogue_version (item_id) WHERE state = 'published';

CREATE TABLE catalogue_generation (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO catalogue_generation (id, value) VALUES (1, 0);

CREATE TABLE catalogue_search_miss (
    id    TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    at    BIGINT NOT NULL
);
CREATE INDEX catalogue_search_miss_at ON catalogue_search_miss (at);

CREATE TABLE catalogue_favourite (
    account_id TEXT NOT NULL,
    item_id    TEXT NOT NULL REFERENCES catalogue_item (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, item_id)
);
-- +goose Down
SELECT 1;
