-- +goose Up
ALTER TABLE catalogue_item ADD COLUMN reason TEXT NOT NULL DEFAULT ''; -- why it is suspended or withdrawn, as applicants read it

-- Blanks and samples that belong to the catalogue: nothing else is ever served to everybody.
CREATE TABLE catalogue_file (
    file_id   TEXT PRIMARY KEY REFERENCES files_file (id),
    item_code TEXT NOT NULL,
    added_by  TEXT NOT NULL,
    added_at  BIGINT NOT NULL
);
CREATE INDEX catalogue_file_item ON catalogue_file (item_code);

-- What a life event was before each change; the newest is what is shown, unless it was taken away.
CREATE TABLE catalogue_life_event_version (
    key        TEXT NOT NULL,
    number     INTEGER NOT NULL,
    definition JSONB NOT NULL,
    removed    BOOLEAN NOT NULL,
    saved_by   TEXT NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (key, number)
);

ALTER TABLE catalogue_theme ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- +goose Down
SELECT 1;
