-- +goose Up
CREATE TABLE catalogue_theme (
    key      TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    audience TEXT NOT NULL, -- business, person
    name     JSONB NOT NULL
);

CREATE TABLE catalogue_life_event (
    key        TEXT PRIMARY KEY,
    position   INTEGER NOT NULL,
    definition JSONB NOT NULL,
    version    INTEGER NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Words that people use for one another, kept by administrators beside those of the product.
CREATE TABLE catalogue_synonym (
    id         TEXT PRIMARY KEY,
    words      JSONB NOT NULL,
    version    INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE catalogue_item ADD COLUMN replaced_by TEXT NOT NULL DEFAULT ''; -- code of what is asked for instead
-- +goose Down
SELECT 1;
