-- +goose Up
-- The conversation about a case between those who ask and those who handle it.
CREATE TABLE cases_thread (
    case_id      TEXT PRIMARY KEY REFERENCES cases_case (id),
    messages     INTEGER NOT NULL,
    unread_staff INTEGER NOT NULL, -- written by the applicant's side, read by no desk yet
    unread_party INTEGER NOT NULL, -- written by staff, read by nobody of the applicant's side yet
    last_at      BIGINT NOT NULL,
    version      INTEGER NOT NULL
);
CREATE INDEX cases_thread_staff ON cases_thread (case_id) WHERE unread_staff > 0;
CREATE TABLE cases_message (
    id           TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES cases_case (id),
    side         TEXT NOT NULL, -- party, staff
    author_id    TEXT NOT NULL,
    author_name  TEXT NOT NULL,
    author_role  TEXT NOT NULL,
    place        JSONB NOT NULL, -- department or window of the author
    text         TEXT NOT NULL,  -- never changed
    answers      TEXT NOT NULL,  -- message whose question it answers, '' for none
    once         TEXT NOT NULL,  -- of the form: sending it twice is sending it once
    written_at   BIGINT NOT NULL,
    read_at      BIGINT NOT NULL, -- by the other side, 0 while unread
    read_by      TEXT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    UNIQUE (case_id, author_id, once)
);
CREATE INDEX cases_message_case ON cases_message (case_id, id);
CREATE TABLE cases_message_file (
    message_id TEXT NOT NULL REFERENCES cases_message (id),
    file_id    TEXT NOT NULL REFERENCES files_file (id),
    position   INTEGER NOT NULL,
    PRIMARY KEY (message_id, file_id)
);
CREATE INDEX cases_message_file_file ON cases_message_file (file_id);
CREATE TABLE cases_ask ( -- a message that wants a reply
    message_id TEXT PRIMARY KEY REFERENCES cases_message (id),
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    asked_by   TEXT NOT NULL,
    due_at     BIGINT NOT NULL, -- end of the day by which a reply is wanted
    state      TEXT NOT NULL,   -- open, answered, dropped
    answer_id  TEXT NOT NULL,
    closed_at  BIGINT NOT NULL,
    closed_by  TEXT NOT NULL
);
CREATE INDEX cases_ask_open ON cases_ask (case_id) WHERE state = 'open';
CREATE TABLE cases_told ( -- who was told of a thread when: at most once in a quarter of an hour
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    account_id TEXT NOT NULL,
    told_at    BIGINT NOT NULL,
    pending    BOOLEAN NOT NULL, -- a job looks again when the quarter is over
    PRIMARY KEY (case_id, account_id)
);
CREATE TABLE cases_phrase ( -- canned texts of a department
    id            TEXT PRIMARY KEY,
    department_id TEXT NOT NULL,
    uses          TEXT NOT NULL, -- message, supplement, reason
    title         TEXT NOT NULL,
    text          TEXT NOT NULL,
    position      INTEGER NOT NULL,
    changed_by    TEXT NOT NULL,
    changed_at    BIGINT NOT NULL,
    removed_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX cases_phrase_department ON cases_phrase (department_id, uses, position);
-- +goose Down
SELECT 1;
