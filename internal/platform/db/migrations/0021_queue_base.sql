-- +goose Up
CREATE TABLE queue_hall ( -- a hall that calls its visitors
    hall_id       TEXT PRIMARY KEY REFERENCES identity_hall (id),
    region        TEXT NOT NULL,
    appointments  BOOLEAN NOT NULL,
    horizon_days  INTEGER NOT NULL, -- working days ahead that can be booked
    miss_limit    INTEGER NOT NULL, -- so many appointments missed within miss_days bar from booking
    miss_days     INTEGER NOT NULL,
    kiosk_key     TEXT NOT NULL UNIQUE, -- address of its ticket machine
    moves         BIGINT NOT NULL -- counted up by every change: the row is the lock of the hall
);
CREATE TABLE queue_lane ( -- what people queue for
    id           TEXT PRIMARY KEY, -- hall/letter
    hall_id      TEXT NOT NULL REFERENCES queue_hall (hall_id),
    letter       TEXT NOT NULL,
    name         JSONB NOT NULL,
    note         JSONB NOT NULL,
    windows      JSONB NOT NULL, -- ids
    hours        JSONB NOT NULL, -- [{from, to}] in minutes of the day
    slot_minutes INTEGER NOT NULL,
    per_slot     INTEGER NOT NULL,
    per_day      INTEGER NOT NULL, -- appointments
    tickets      INTEGER NOT NULL, -- a day, 0 for as many as come
    position     INTEGER NOT NULL,
    UNIQUE (hall_id, letter)
);
CREATE TABLE queue_window ( -- a window as it is now
    window_id TEXT PRIMARY KEY,
    hall_id   TEXT NOT NULL,
    clerk_id  TEXT NOT NULL, -- '' when nobody sits there
    paused    BOOLEAN NOT NULL,
    reason    TEXT NOT NULL,
    ticket_id TEXT NOT NULL, -- called or served there, '' for none
    since     BIGINT NOT NULL
);
CREATE INDEX queue_window_hall ON queue_window (hall_id);
CREATE TABLE queue_counter ( -- the last number of a lane on a day
    lane_id TEXT NOT NULL,
    day     TEXT NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (lane_id, day)
);
CREATE TABLE queue_appointment (
    id            TEXT PRIMARY KEY,
    hall_id       TEXT NOT NULL,
    lane_id       TEXT NOT NULL REFERENCES queue_lane (id),
    day           TEXT NOT NULL,
    slot          INTEGER NOT NULL, -- minute of the day at which it begins
    account_id    TEXT NOT NULL REFERENCES identity_account (id),
    enterprise_id TEXT NOT NULL,
    topic         TEXT NOT NULL,
    code          TEXT NOT NULL, -- six digits, for the machine in the hall
    state         TEXT NOT NULL, -- booked, arrived, cancelled, missed
    ticket_id     TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    reminded_at   BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE UNIQUE INDEX queue_appointment_one ON queue_appointment (account_id, lane_id, day) WHERE state = 'booked';
CREATE UNIQUE INDEX queue_appointment_code ON queue_appointment (hall_id, day, code);
CREATE INDEX queue_appointment_slot ON queue_appointment (lane_id, day, slot);
CREATE INDEX queue_appointment_account ON queue_appointment (account_id, day);
CREATE INDEX queue_appointment_booked ON queue_appointment (day) WHERE state = 'booked';
CREATE TABLE queue_ticket (
    id             TEXT PRIMARY KEY,
    token          TEXT NOT NULL UNIQUE, -- of the page on the phone
    hall_id        TEXT NOT NULL,
    day            TEXT NOT NULL,
    number         TEXT NOT NULL, -- A001
    taken_lane     TEXT NOT NULL, -- the lane that gave the number
    lane_id        TEXT NOT NULL REFERENCES queue_lane (id), -- the one it waits in
    window_id      TEXT NOT NULL, -- called to, or kept for
    kept           BOOLEAN NOT NULL, -- transferred to this window, no other calls it
    account_id     TEXT NOT NULL, -- '' when not known
    enterprise_id  TEXT NOT NULL,
    appointment_id TEXT NOT NULL,
    slot_at        BIGINT NOT NULL, -- of an appointment that came in time
    priority       BOOLEAN NOT NULL,
    transferred    BOOLEAN NOT NULL,
    state          TEXT NOT NULL, -- waiting, called, serving, served, missed, lapsed
    calls          INTEGER NOT NULL,
    clerk_id       TEXT NOT NULL,
    visit_id       TEXT NOT NULL,
    taken_at       BIGINT NOT NULL,
    called_at      BIGINT NOT NULL, -- last
    first_called   BIGINT NOT NULL,
    served_at      BIGINT NOT NULL, -- began to be served
    finished_at    BIGINT NOT NULL,
    UNIQUE (hall_id, day, number)
);
CREATE INDEX queue_ticket_waiting ON queue_ticket (hall_id, day, state);
CREATE INDEX queue_ticket_lane ON queue_ticket (lane_id, finished_at);
CREATE INDEX queue_ticket_open ON queue_ticket (day) WHERE state IN ('waiting', 'called', 'serving');
-- +goose Down
SELECT 1;
