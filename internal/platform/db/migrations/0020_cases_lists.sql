-- +goose Up
-- What the lists of the workbench walk along. A list is read from one end of an
-- index; each of these holds only what its list is about.
DROP INDEX cases_case_submitted;
CREATE INDEX cases_case_submitted ON cases_case (submitted_at, id);
CREATE INDEX cases_case_running ON cases_case (due_at, id) WHERE state = 'handling';
CREATE INDEX cases_case_needs ON cases_case (id) WHERE needs_applicant;
CREATE INDEX cases_case_department_submitted ON cases_case (department_id, submitted_at, id);
CREATE INDEX cases_case_hall ON cases_case (hall_id, submitted_at) WHERE hall_id <> '';
CREATE INDEX cases_case_party_name ON cases_case ((party_name ->> 'zh'), id);
-- A task of the group that nobody has claimed, and what somebody or some desk has done.
CREATE INDEX cases_task_done ON cases_task (department_id, case_id) WHERE state = 'done';

-- A list with its filter, columns and order under a name.
CREATE TABLE cases_view (
    id            TEXT PRIMARY KEY,
    owner_id      TEXT NOT NULL,
    department_id TEXT NOT NULL, -- shared with this department, '' for the owner alone
    list          TEXT NOT NULL,
    name          TEXT NOT NULL,
    query         TEXT NOT NULL, -- as it stands in the address
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX cases_view_owner ON cases_view (owner_id, list);
CREATE INDEX cases_view_department ON cases_view (department_id, list) WHERE department_id <> '';
-- Which view a person sees first when he opens a list.
CREATE TABLE cases_view_default (
    account_id TEXT NOT NULL,
    list       TEXT NOT NULL,
    view_id    TEXT NOT NULL REFERENCES cases_view (id),
    PRIMARY KEY (account_id, list)
);

-- One command for many cases.
CREATE TABLE cases_batch (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    list        TEXT NOT NULL, -- where the cases were chosen
    query       TEXT NOT NULL,
    command     TEXT NOT NULL, -- '' while none is chosen
    input       JSONB NOT NULL,
    state       TEXT NOT NULL, -- chosen, running, done
    total       INTEGER NOT NULL,
    created_at  BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX cases_batch_account ON cases_batch (account_id, id);
CREATE TABLE cases_batch_row (
    batch_id     TEXT NOT NULL REFERENCES cases_batch (id),
    position     INTEGER NOT NULL,
    case_id      TEXT NOT NULL,
    case_version INTEGER NOT NULL, -- as it was when it was chosen
    state        TEXT NOT NULL,    -- waiting, done, refused
    code         TEXT NOT NULL,    -- of the error that refused it
    params       JSONB NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (batch_id, position),
    UNIQUE (batch_id, case_id)
);

-- A list as a file, made in the background.
CREATE TABLE cases_export (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    list        TEXT NOT NULL,
    query       TEXT NOT NULL,
    columns     TEXT NOT NULL,
    format      TEXT NOT NULL,
    locale      TEXT NOT NULL,
    state       TEXT NOT NULL, -- waiting, running, done, failed
    done        INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    file_id     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX cases_export_account ON cases_export (account_id, id);
CREATE INDEX cases_export_expires ON cases_export (expires_at);
-- +goose Down
SELECT 1;
