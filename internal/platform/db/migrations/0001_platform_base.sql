-- +goose Up
CREATE TABLE audit_entry (
    id        TEXT PRIMARY KEY,
    chain     INTEGER NOT NULL,
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    actor     TEXT NOT NULL,
    name      TEXT NOT NULL,
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    on_behalf TEXT NOT NULL,
    reason    TEXT NOT NULL,
    change    TEXT NOT NULL,
    origin    TEXT NOT NULL,
    request   TEXT NOT NULL,
    prev      TEXT NOT NULL,
    hash      TEXT NOT NULL,
    UNIQUE (chain, seq)
);
CREATE INDEX audit_entry_object ON audit_entry (object, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor, id);
CREATE TABLE audit_head (
    chain INTEGER PRIMARY KEY,
    seq   BIGINT NOT NULL,
    hash  TEXT NOT NULL
);

CREATE TABLE auth_session (
    token      TEXT PRIMARY KEY, -- SHA-256 of what the cookie holds
    data       TEXT NOT NULL,    -- base64
    expires_at BIGINT NOT NULL
);
CREATE INDEX auth_session_expires ON auth_session (expires_at);

CREATE TABLE throttle_window (
    key        TEXT PRIMARY KEY,
    hits       INTEGER NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE files_file (
    id         TEXT PRIMARY KEY,
    sha256     TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       BIGINT NOT NULL,
    owner      TEXT NOT NULL, -- account that uploaded it
    created_at BIGINT NOT NULL
);
CREATE INDEX files_file_sha256 ON files_file (sha256);

CREATE TABLE notify_message (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    dedup_key  TEXT NOT NULL UNIQUE, -- the same news is never told twice
    kind       TEXT NOT NULL,        -- text is notify.<kind>.title and .body
    params     JSONB NOT NULL,
    link       TEXT NOT NULL,
    needs_you  BOOLEAN NOT NULL,     -- the reader has to do something
    created_at BIGINT NOT NULL,
    read_at    BIGINT NOT NULL
);
CREATE INDEX notify_message_account ON notify_message (account_id, id);
CREATE TABLE notify_delivery (
    id         TEXT PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES notify_message (id),
    channel    TEXT NOT NULL, -- mail
    address    TEXT NOT NULL,
    locale     TEXT NOT NULL,
    state      TEXT NOT NULL, -- waiting, sent, failed
    attempts   INTEGER NOT NULL,
    error      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL,
    UNIQUE (message_id, channel)
);

CREATE TABLE db_setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- +goose Down
SELECT 1;
