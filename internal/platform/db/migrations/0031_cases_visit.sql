-- +goose Up
CREATE TABLE cases_visit ( -- one visitor at one window
    id            TEXT PRIMARY KEY,
    region        TEXT NOT NULL,
    hall_id       TEXT NOT NULL,
    window_id     TEXT NOT NULL,
    clerk_id      TEXT NOT NULL REFERENCES identity_account (id),
    account_id    TEXT NOT NULL, -- who stands there, '' until he is known
    enterprise_id TEXT NOT NULL, -- the firm he acts for, '' for himself
    items         JSONB NOT NULL, -- codes gathered and not begun yet
    note          TEXT NOT NULL, -- of the clerk, never shown to the visitor
    ticket_id     TEXT NOT NULL, -- of the queue, '' for who came without
    ticket_number TEXT NOT NULL,
    state         TEXT NOT NULL, -- open, parked, ended
    begun_at      BIGINT NOT NULL,
    parked_at     BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
-- A clerk serves one visitor at a time; the others wait, parked.
CREATE UNIQUE INDEX cases_visit_open ON cases_visit (clerk_id) WHERE state = 'open';
CREATE INDEX cases_visit_hall ON cases_visit (hall_id, begun_at);
CREATE INDEX cases_visit_live ON cases_visit (hall_id, state) WHERE state <> 'ended';
CREATE UNIQUE INDEX cases_visit_ticket ON cases_visit (ticket_id) WHERE ticket_id <> '';
CREATE TABLE cases_visit_case ( -- what the visit was about
    visit_id TEXT NOT NULL REFERENCES cases_visit (id),
    case_id  TEXT NOT NULL REFERENCES cases_case (id),
    part     TEXT NOT NULL, -- begun, taken up
    added_at BIGINT NOT NULL,
    PRIMARY KEY (visit_id, case_id)
);
CREATE INDEX cases_visit_case_case ON cases_visit_case (case_id);
-- +goose Down
SELECT 1;
