-- +goose Up
CREATE TABLE files_upload ( -- a file on its way in, piece by piece; its bytes lie in the folder staging
    id         TEXT PRIMARY KEY,
    owner      TEXT NOT NULL, -- account
    purpose    TEXT NOT NULL, -- what it is for, in the words of the module that asked
    name       TEXT NOT NULL,
    mark       TEXT NOT NULL, -- tells the same file chosen again from another one
    size       BIGINT NOT NULL,
    received   BIGINT NOT NULL, -- bytes that are on disk
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX files_upload_owner ON files_upload (owner);
CREATE TABLE files_scan ( -- what the virus scanner said about bytes
    sha256     TEXT PRIMARY KEY,
    state      TEXT NOT NULL, -- waiting, clean, infected
    found      TEXT NOT NULL, -- name of what was found
    scanned_at BIGINT NOT NULL
);
CREATE INDEX files_scan_waiting ON files_scan (state) WHERE state = 'waiting';
-- +goose Down
SELECT 1;
