-- +goose Up
-- What paper a file is, so that it serves for other cases of the same party.
ALTER TABLE cases_file ADD COLUMN paper TEXT NOT NULL DEFAULT ''; -- key of the library, '' for none
ALTER TABLE cases_file ADD COLUMN paper_name TEXT NOT NULL DEFAULT ''; -- normalised name, '' for a form, which serves one item only
ALTER TABLE cases_file ADD COLUMN from_case TEXT NOT NULL DEFAULT ''; -- the case in which it was given first, '' for this one
ALTER TABLE cases_file ADD COLUMN given_at BIGINT NOT NULL DEFAULT 0; -- when it was given first, 0 for added_at
ALTER TABLE cases_file ADD COLUMN expires_on TEXT NOT NULL DEFAULT ''; -- last day of the paper itself, '' for none
ALTER TABLE cases_file ADD COLUMN set_aside BOOLEAN NOT NULL DEFAULT FALSE; -- it was not good enough: asked for again

CREATE TABLE cases_check ( -- a copy was held against its original; holds for the file wherever it is used
    file_id    TEXT PRIMARY KEY REFERENCES files_file (id),
    case_id    TEXT NOT NULL, -- where that happened
    checked_by TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    place      JSONB NOT NULL
);

CREATE TABLE cases_gap ( -- a tolerated material of an accepted case that has to come yet (容缺)
    case_id     TEXT NOT NULL REFERENCES cases_case (id),
    key         TEXT NOT NULL, -- of the material
    due_at      BIGINT NOT NULL,
    opened_at   BIGINT NOT NULL,
    reminded_at BIGINT NOT NULL, -- 0: not yet
    closed_at   BIGINT NOT NULL, -- 0 while open
    closed_how  TEXT NOT NULL, -- given, waived, late, ended
    closed_by   TEXT NOT NULL,
    reason      TEXT NOT NULL,
    version     INTEGER NOT NULL,
    PRIMARY KEY (case_id, key)
);
CREATE INDEX cases_gap_open ON cases_gap (due_at) WHERE closed_at = 0;
-- +goose Down
SELECT 1;
