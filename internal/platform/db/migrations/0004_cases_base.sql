-- +goose Up
CREATE TABLE cases_case (
    id               TEXT PRIMARY KEY,
    number           TEXT UNIQUE, -- public number, given at submission
    pickup_code      TEXT NOT NULL,
    item_id          TEXT NOT NULL,
    item_version_id  TEXT NOT NULL,
    item_code        TEXT NOT NULL,
    item_name        JSONB NOT NULL,
    department_id    TEXT NOT NULL, -- decides
    region           TEXT NOT NULL, -- owns the item
    party_kind       TEXT NOT NULL,
    party_id         TEXT NOT NULL,
    party_name       JSONB NOT NULL,
    party_code       TEXT NOT NULL,
    account_id       TEXT NOT NULL, -- the person who acts, '' for an API client
    filed_by         TEXT NOT NULL, -- who typed it: the person, a clerk, a client
    channel          TEXT NOT NULL, -- online, window, api
    receiving_region TEXT NOT NULL, -- of the window that received it
    hall_id          TEXT NOT NULL,
    window_id        TEXT NOT NULL,
    receiver_id      TEXT NOT NULL, -- clerk who follows it to the end
    collect          TEXT NOT NULL, -- electronic, window, post
    state            TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    stage            TEXT NOT NULL,
    data_version     INTEGER NOT NULL,
    needs_applicant  BOOLEAN NOT NULL,
    paused           BOOLEAN NOT NULL,
    provisional      BOOLEAN NOT NULL,
    due_at           BIGINT NOT NULL, -- promised
    statutory_at     BIGINT NOT NULL,
    warn_at          BIGINT NOT NULL, -- thresholds of the lights, 0 for never
    yellow_at        BIGINT NOT NULL,
    red_at           BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    submitted_at     BIGINT NOT NULL,
    accepted_at      BIGINT NOT NULL,
    decided_at       BIGINT NOT NULL,
    closed_at        BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    version          INTEGER NOT NULL
);
CREATE INDEX cases_case_account ON cases_case (account_id, updated_at);
-- Two presses on "start" open one draft.
CREATE UNIQUE INDEX cases_case_one_draft ON cases_case (account_id, filed_by, item_id, party_id) WHERE state = 'draft' AND account_id <> '';
CREATE INDEX cases_case_party ON cases_case (party_id, updated_at);
CREATE INDEX cases_case_code ON cases_case (party_code);
CREATE INDEX cases_case_state ON cases_case (state, id);
CREATE INDEX cases_case_receiver ON cases_case (receiver_id, state);
CREATE INDEX cases_case_department ON cases_case (department_id, id);
CREATE INDEX cases_case_item ON cases_case (item_id, decided_at);
CREATE INDEX cases_case_submitted ON cases_case (submitted_at);

CREATE TABLE cases_buffer ( -- what is being typed: as typed, unchecked
    case_id  TEXT PRIMARY KEY REFERENCES cases_case (id),
    typed    JSONB NOT NULL,
    prefill  JSONB NOT NULL, -- field id to source of a value that was not typed
    rev      INTEGER NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL
);
CREATE TABLE cases_snapshot ( -- what was submitted; never changed
    case_id      TEXT NOT NULL REFERENCES cases_case (id),
    data_version INTEGER NOT NULL,
    answers      JSONB NOT NULL,
    materials    JSONB NOT NULL,
    submitted_at BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    PRIMARY KEY (case_id, data_version)
);
CREATE TABLE cases_material (
    case_id  TEXT NOT NULL REFERENCES cases_case (id),
    key      TEXT NOT NULL,
    how      TEXT NOT NULL, -- commitment, window (seen on paper)
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, key)
);
CREATE TABLE cases_file (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    key        TEXT NOT NULL, -- of the material
    file_id    TEXT NOT NULL REFERENCES files_file (id),
    added_by   TEXT NOT NULL,
    added_at   BIGINT NOT NULL,
    removed_at BIGINT NOT NULL
);
CREATE INDEX cases_file_case ON cases_file (case_id);
CREATE INDEX cases_file_file ON cases_file (file_id);
CREATE TABLE cases_task (
    id            TEXT PRIMARY KEY,
    case_id       TEXT NOT NULL REFERENCES cases_case (id),
    stage         TEXT NOT NULL,
    key           TEXT NOT NULL,
    name          JSONB NOT NULL,
    department_id TEXT NOT NULL,
    role          TEXT NOT NULL,
    decides       BOOLEAN NOT NULL,
    state         TEXT NOT NULL, -- open, done, skipped, cancelled
    assignee_id   TEXT NOT NULL,
    due_at        BIGINT NOT NULL,
    result        TEXT NOT NULL, -- agree, object
    opinion       TEXT NOT NULL,
    done_by       TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    done_at       BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX cases_task_case ON cases_task (case_id);
CREATE INDEX cases_task_department ON cases_task (department_id, case_id);
CREATE INDEX cases_task_open ON cases_task (department_id, role, id) WHERE state = 'open';
CREATE INDEX cases_task_assignee ON cases_task (assignee_id, id) WHERE state = 'open';
CREATE INDEX cases_task_done_by ON cases_task (done_by, done_at);
CREATE TABLE cases_event (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    seq        INTEGER NOT NULL,
    command    TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    actor_role TEXT NOT NULL,
    place      JSONB NOT NULL, -- department or window of the actor
    at         BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    public     BOOLEAN NOT NULL, -- the applicant sees it
    detail     JSONB NOT NULL,
    UNIQUE (case_id, seq)
);
CREATE INDEX cases_event_at ON cases_event (at);
CREATE TABLE cases_pause (
    id        TEXT PRIMARY KEY,
    case_id   TEXT NOT NULL REFERENCES cases_case (id),
    kind      TEXT NOT NULL, -- applicant, hearing, inspection, expert, other_legal
    reason    TEXT NOT NULL,
    from_at   BIGINT NOT NULL,
    to_at     BIGINT NOT NULL, -- 0 while open
    opened_by TEXT NOT NULL,
    closed_by TEXT NOT NULL
);
CREATE UNIQUE INDEX cases_pause_open ON cases_pause (case_id) WHERE to_at = 0;
CREATE INDEX cases_pause_case ON cases_pause (case_id);
CREATE TABLE cases_extension (
    id      TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases_case (id),
    days    INTEGER NOT NULL, -- working days
    reason  TEXT NOT NULL,
    by_id   TEXT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX cases_extension_case ON cases_extension (case_id);
CREATE TABLE cases_request ( -- what the applicant was asked for
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases_case (id),
    kind        TEXT NOT NULL, -- supplement (before acceptance), return (during handling)
    task_id     TEXT NOT NULL, -- desk that asked, '' for the window
    points      JSONB NOT NULL,
    note        TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX cases_request_case ON cases_request (case_id);
CREATE UNIQUE INDEX cases_request_open ON cases_request (case_id) WHERE answered_at = 0;
CREATE TABLE cases_decision (
    case_id    TEXT PRIMARY KEY REFERENCES cases_case (id),
    outcome    TEXT NOT NULL, -- granted, denied
    text       JSONB NOT NULL,
    reason     TEXT NOT NULL,
    task_id    TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE TABLE cases_delivery (
    case_id      TEXT PRIMARY KEY REFERENCES cases_case (id),
    how          TEXT NOT NULL,
    receiver     TEXT NOT NULL, -- who took it, or the postal number
    hall_id      TEXT NOT NULL,
    delivered_by TEXT NOT NULL,
    delivered_at BIGINT NOT NULL
);
CREATE TABLE cases_idempotency (
    actor_id TEXT NOT NULL,
    key      TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES cases_case (id),
    at       BIGINT NOT NULL,
    PRIMARY KEY (actor_id, key)
);
CREATE TABLE cases_sequence (
    key   TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
-- What insight reads: one line a case, without names.
CREATE VIEW cases_v_fact AS
    SELECT id, item_id, item_code, department_id, region, receiving_region, hall_id, channel, party_kind, party_id, state, outcome,
           due_at, statutory_at, warn_at, yellow_at, red_at, paused, needs_applicant, submitted_at, accepted_at, decided_at, closed_at
    FROM cases_case WHERE state <> 'draft';
-- +goose Down
SELECT 1;
