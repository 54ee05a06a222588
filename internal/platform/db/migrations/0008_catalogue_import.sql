-- +goose Up
-- Mappings that differ from, or stand beside, those that are shipped.
CREATE TABLE catalogue_mapping (
    key        TEXT PRIMARY KEY,
    content    TEXT NOT NULL, -- YAML, as administrators write it
    version    INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What a sheet said of an item when it last came in: what differs from it in
-- the published version was changed here.
CREATE TABLE catalogue_source (
    item_id     TEXT PRIMARY KEY REFERENCES catalogue_item (id),
    said        JSONB NOT NULL, -- field → value
    imported_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);

CREATE TABLE catalogue_import (
    id          TEXT PRIMARY KEY,
    file_id     TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    mapping_key TEXT NOT NULL,
    mapping     TEXT NOT NULL, -- the content at the time
    options     JSONB NOT NULL,
    state       TEXT NOT NULL, -- checking, checked, approved, applying, done, failed, discarded
    counts      JSONB NOT NULL,
    result      JSONB NOT NULL, -- findings, samples, what failed
    digest      TEXT NOT NULL,  -- of what would be written, so that nothing else is
    done        INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX catalogue_import_created ON catalogue_import (created_at);
-- +goose Down
SELECT 1;
