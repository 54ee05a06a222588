-- +goose Up
-- Transfer, deputies, kinds of tasks.
ALTER TABLE cases_task ADD COLUMN kind TEXT NOT NULL DEFAULT ''; -- joint, countersign, member, opinion, inspection, publicity; '' for a review
ALTER TABLE cases_task ADD COLUMN parent_id TEXT NOT NULL DEFAULT ''; -- of the part of a member: the task it belongs to
ALTER TABLE cases_task ADD COLUMN back_to TEXT NOT NULL DEFAULT ''; -- done again because this task sent it back
ALTER TABLE cases_task ADD COLUMN done_for TEXT NOT NULL DEFAULT ''; -- whom a deputy stood in for
ALTER TABLE cases_pause ADD COLUMN task_id TEXT NOT NULL DEFAULT ''; -- the task whose time does not count, '' for a pause given by hand

CREATE TABLE cases_transfer ( -- a case that went to another deciding department
    id              TEXT PRIMARY KEY,
    case_id         TEXT NOT NULL REFERENCES cases_case (id),
    from_department TEXT NOT NULL,
    from_region     TEXT NOT NULL,
    to_department   TEXT NOT NULL,
    to_region       TEXT NOT NULL,
    wrong_body      BOOLEAN NOT NULL, -- it never was the first one's to decide
    reason          TEXT NOT NULL,
    by_id           TEXT NOT NULL,
    at              BIGINT NOT NULL
);
CREATE INDEX cases_transfer_case ON cases_transfer (case_id);
CREATE TABLE cases_deputy (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL, -- who is away
    deputy_id  TEXT NOT NULL, -- who stands in
    from_at    BIGINT NOT NULL,
    to_at      BIGINT NOT NULL, -- first instant after it
    reason     TEXT NOT NULL,
    ended_at   BIGINT NOT NULL, -- taken back before its end, 0 for not
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version    INTEGER NOT NULL
);
CREATE INDEX cases_deputy_deputy ON cases_deputy (deputy_id, to_at);
CREATE INDEX cases_deputy_account ON cases_deputy (account_id, to_at);
CREATE TABLE cases_inspection ( -- what was arranged for a task of the kind inspection
    task_id     TEXT PRIMARY KEY REFERENCES cases_task (id),
    case_id     TEXT NOT NULL REFERENCES cases_case (id),
    officers    JSONB NOT NULL, -- accounts, two at least
    planned_on  TEXT NOT NULL, -- date
    place       TEXT NOT NULL,
    arranged_by TEXT NOT NULL,
    arranged_at BIGINT NOT NULL,
    held_on     TEXT NOT NULL, -- date, '' before the findings
    version     INTEGER NOT NULL
);
CREATE TABLE cases_task_file ( -- photos and papers of an inspection, an opinion
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases_case (id),
    task_id    TEXT NOT NULL REFERENCES cases_task (id),
    file_id    TEXT NOT NULL REFERENCES files_file (id),
    added_by   TEXT NOT NULL,
    added_at   BIGINT NOT NULL,
    removed_at BIGINT NOT NULL
);
CREATE INDEX cases_task_file_case ON cases_task_file (case_id);
CREATE INDEX cases_task_file_task ON cases_task_file (task_id);
CREATE INDEX cases_task_file_file ON cases_task_file (file_id);
CREATE TABLE cases_publicity ( -- a task of the kind publicity, as everybody may read it
    task_id   TEXT PRIMARY KEY REFERENCES cases_task (id),
    case_id   TEXT NOT NULL REFERENCES cases_case (id),
    token     TEXT NOT NULL UNIQUE, -- in the public address
    opened_at BIGINT NOT NULL,
    until_at  BIGINT NOT NULL, -- objections can be raised before this instant
    ended_at  BIGINT NOT NULL
);
CREATE INDEX cases_publicity_case ON cases_publicity (case_id);
CREATE INDEX cases_publicity_open ON cases_publicity (until_at) WHERE ended_at = 0;
CREATE TABLE cases_objection (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases_case (id),
    task_id     TEXT NOT NULL REFERENCES cases_task (id),
    name        TEXT NOT NULL, -- who objects; never shown to the public or the applicant
    contact     TEXT NOT NULL,
    body        TEXT NOT NULL,
    channel     TEXT NOT NULL, -- online, window (written down by staff)
    filed_by    TEXT NOT NULL, -- account, '' for a visitor
    filed_at    BIGINT NOT NULL,
    upheld      BOOLEAN NOT NULL,
    answer      TEXT NOT NULL, -- '' while undecided
    answered_by TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX cases_objection_case ON cases_objection (case_id);
CREATE INDEX cases_objection_task ON cases_objection (task_id);

-- Credit to both sides: one line for each part that an office had in a case.
CREATE VIEW cases_v_credit AS
    SELECT c.id AS case_id, 'received' AS part, '' AS department_id, c.receiving_region AS region, c.hall_id AS hall_id, c.submitted_at AS at
      FROM cases_case c WHERE c.submitted_at > 0 AND c.receiver_id <> '' AND c.parent_id = ''
    UNION ALL
    SELECT t.case_id, 'handled', t.department_id, c.region, '', t.done_at
      FROM cases_task t JOIN cases_case c ON c.id = t.case_id WHERE t.state = 'done' AND NOT t.decides
    UNION ALL
    SELECT t.case_id, 'decided', t.department_id, c.region, '', t.done_at
      FROM cases_task t JOIN cases_case c ON c.id = t.case_id WHERE t.state = 'done' AND t.decides
    UNION ALL
    SELECT x.case_id, 'passed_on', x.from_department, x.from_region, '', x.at FROM cases_transfer x
    UNION ALL
    SELECT d.case_id, 'handed_over', '', c.receiving_region, d.hall_id, d.delivered_at
      FROM cases_delivery d JOIN cases_case c ON c.id = d.case_id WHERE d.hall_id <> '';
-- +goose Down
SELECT 1;
