-- +goose Up
CREATE TABLE identity_region (
    code   TEXT PRIMARY KEY, -- GB/T 2260, nine digits for towns
    level  TEXT NOT NULL,
    parent TEXT NOT NULL,
    name   JSONB NOT NULL
);
CREATE TABLE identity_department (
    id              TEXT PRIMARY KEY, -- short key, never changed
    uscc            TEXT NOT NULL UNIQUE,
    region          TEXT NOT NULL REFERENCES identity_region (code),
    name            JSONB NOT NULL,
    phone           TEXT NOT NULL,
    complaint_phone TEXT NOT NULL,
    address         JSONB NOT NULL,
    version         INTEGER NOT NULL
);
CREATE TABLE identity_hall (
    id       TEXT PRIMARY KEY,
    region   TEXT NOT NULL REFERENCES identity_region (code),
    name     JSONB NOT NULL,
    address  JSONB NOT NULL,
    hours    JSONB NOT NULL,
    phone    TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE TABLE identity_window (
    id      TEXT PRIMARY KEY, -- hall/number
    hall_id TEXT NOT NULL REFERENCES identity_hall (id),
    number  TEXT NOT NULL,
    name    JSONB NOT NULL
);
CREATE TABLE identity_account (
    id            TEXT PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE, -- lower case
    kind          TEXT NOT NULL,        -- person, staff
    name          JSONB NOT NULL,
    id_number     TEXT,                 -- resident identity number; of persons only
    phone         TEXT NOT NULL,
    email         TEXT NOT NULL,
    password_hash TEXT NOT NULL,        -- argon2id; '' for a visitor registered at a window who has not signed in yet
    locale        TEXT NOT NULL,
    state         TEXT NOT NULL,        -- active, closed
    registered_by TEXT NOT NULL,        -- account of the clerk who registered a visitor, '' otherwise
    created_at    BIGINT NOT NULL,
    signed_in_at  BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE UNIQUE INDEX identity_account_id_number ON identity_account (id_number) WHERE id_number IS NOT NULL;
CREATE INDEX identity_account_phone ON identity_account (phone);
CREATE TABLE identity_post (
    id            TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    role          TEXT NOT NULL,
    department_id TEXT NOT NULL REFERENCES identity_department (id),
    region        TEXT NOT NULL REFERENCES identity_region (code),
    hall_id       TEXT NOT NULL,
    window_id     TEXT NOT NULL,
    ended_at      BIGINT NOT NULL
);
CREATE INDEX identity_post_account ON identity_post (account_id);
CREATE INDEX identity_post_department ON identity_post (department_id, role);
CREATE TABLE identity_enterprise (
    id                   TEXT PRIMARY KEY,
    uscc                 TEXT NOT NULL UNIQUE,
    name                 JSONB NOT NULL,
    legal_representative TEXT NOT NULL,
    industry             TEXT NOT NULL, -- GB/T 4754-2017
    region               TEXT NOT NULL REFERENCES identity_region (code),
    address              TEXT NOT NULL,
    registered_on        TEXT NOT NULL,
    capital_fen          BIGINT NOT NULL,
    phone                TEXT NOT NULL,
    email                TEXT NOT NULL,
    created_at           BIGINT NOT NULL,
    version              INTEGER NOT NULL
);
CREATE TABLE identity_figure (
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    year          INTEGER NOT NULL,
    staff         INTEGER NOT NULL,
    rd_staff      INTEGER NOT NULL,
    revenue_fen   BIGINT NOT NULL,
    rd_fen        BIGINT NOT NULL,
    profit_fen    BIGINT NOT NULL,
    tax_fen       BIGINT NOT NULL,
    PRIMARY KEY (enterprise_id, year)
);
CREATE TABLE identity_agent (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    level         TEXT NOT NULL, -- owner, agent
    since         BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_agent_live ON identity_agent (enterprise_id, account_id) WHERE ended_at = 0;
CREATE INDEX identity_agent_account ON identity_agent (account_id);
CREATE TABLE identity_certificate_type (
    key    TEXT PRIMARY KEY,
    name   JSONB NOT NULL,
    holder TEXT NOT NULL, -- enterprise, person
    level  TEXT NOT NULL  -- trust level A to D
);
CREATE TABLE identity_certificate (
    id          TEXT PRIMARY KEY,
    number      TEXT NOT NULL,
    type        TEXT NOT NULL REFERENCES identity_certificate_type (key),
    holder_kind TEXT NOT NULL,
    holder_id   TEXT NOT NULL,
    holder_name JSONB NOT NULL,
    issuer_id   TEXT NOT NULL, -- department, '' when issued elsewhere
    title       JSONB NOT NULL,
    case_id     TEXT NOT NULL, -- '' when imported
    valid_from  TEXT NOT NULL,
    valid_to    TEXT NOT NULL, -- '' for unlimited
    state       TEXT NOT NULL, -- valid, revoked
    token       TEXT NOT NULL UNIQUE, -- of the public verification page
    issued_at   BIGINT NOT NULL,
    version     INTEGER NOT NULL,
    UNIQUE (type, number)
);
CREATE INDEX identity_certificate_holder ON identity_certificate (holder_id, type);
CREATE INDEX identity_certificate_case ON identity_certificate (case_id);
CREATE TABLE identity_client (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL, -- separated by spaces
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    version    INTEGER NOT NULL
);
CREATE TABLE identity_sequence (
    key   TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
-- +goose Down
SELECT 1;
