-- +goose Up
-- What a region decided about single days, and notices that the program does not bring along.
CREATE TABLE cases_calendar_day (
    id         TEXT PRIMARY KEY,
    region     TEXT NOT NULL, -- division code; it holds for all below it
    on_date    TEXT NOT NULL, -- ISO
    work       BOOLEAN NOT NULL, -- made up; else a day off
    reason     TEXT NOT NULL,
    by_id      TEXT NOT NULL,
    at         BIGINT NOT NULL, -- decided
    end_reason TEXT NOT NULL,
    ended_by   TEXT NOT NULL,
    ended_at   BIGINT NOT NULL, -- taken back, 0 for not
    version    INTEGER NOT NULL
);
CREATE INDEX cases_calendar_day_date ON cases_calendar_day (on_date);
CREATE UNIQUE INDEX cases_calendar_day_once ON cases_calendar_day (region, on_date) WHERE ended_at = 0;
CREATE TABLE cases_calendar_notice (
    year    INTEGER PRIMARY KEY,
    text    TEXT NOT NULL, -- in the form of workday.ParseNotices
    by_id   TEXT NOT NULL,
    at      BIGINT NOT NULL,
    version INTEGER NOT NULL
);
CREATE TABLE cases_calendar_state ( -- rises with every change, so that other processes notice
    id         INTEGER PRIMARY KEY,
    generation BIGINT NOT NULL
);
INSERT INTO cases_calendar_state (id, generation) VALUES (1, 0);
-- +goose Down
SELECT 1;
