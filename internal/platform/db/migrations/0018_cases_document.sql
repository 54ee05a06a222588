-- +goose Up
CREATE TABLE cases_document ( -- a paper that was made for an event; its words never change
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    event_id   TEXT NOT NULL REFERENCES cases_event (id),
    seq        INTEGER NOT NULL, -- of the event
    kind       TEXT NOT NULL,
    template   INTEGER NOT NULL, -- version of the kind
    number     TEXT NOT NULL UNIQUE,
    code       TEXT NOT NULL UNIQUE, -- of the public verification
    hash       TEXT NOT NULL,        -- of all that it says
    facts      JSONB NOT NULL,
    at         BIGINT NOT NULL, -- of the event, the date on the paper
    made_at    BIGINT NOT NULL,
    UNIQUE (event_id, kind)
);
CREATE INDEX cases_document_case ON cases_document (case_id);
CREATE TABLE cases_document_file ( -- sums of the files that were handed out
    sha256      TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES cases_document (id),
    locale      TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    PRIMARY KEY (document_id, sha256)
);
ALTER TABLE cases_delivery ADD COLUMN carrier TEXT NOT NULL DEFAULT '';   -- who posted it
ALTER TABLE cases_delivery ADD COLUMN tracking TEXT NOT NULL DEFAULT '';  -- number of the post
ALTER TABLE cases_delivery ADD COLUMN signature TEXT NOT NULL DEFAULT ''; -- file of the receiver's signature
ALTER TABLE cases_delivery ADD COLUMN opened_at BIGINT NOT NULL DEFAULT 0; -- when an electronic one was first opened
ALTER TABLE cases_delivery ADD COLUMN opened_by TEXT NOT NULL DEFAULT '';
-- +goose Down
SELECT 1;
