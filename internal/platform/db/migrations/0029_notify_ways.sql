-- +goose Up
-- Several ways to tell, preferences, digests, and an honest book of attempts.
ALTER TABLE notify_message ADD COLUMN class TEXT NOT NULL DEFAULT 'progress'; -- action, progress, result, message, digest
ALTER TABLE notify_message ADD COLUMN legal BOOLEAN NOT NULL DEFAULT FALSE;   -- the law wants the reader told
ALTER TABLE notify_message ADD COLUMN feed BOOLEAN NOT NULL DEFAULT TRUE;     -- FALSE: a digest, which stands in no feed
ALTER TABLE notify_delivery ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE notify_delivery ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0;     -- not before
ALTER TABLE notify_delivery ADD COLUMN lease_at BIGINT NOT NULL DEFAULT 0;    -- until when one worker has it in hand
ALTER TABLE notify_delivery ADD COLUMN round INTEGER NOT NULL DEFAULT 0;      -- raised when an administrator sends again what was lost
ALTER TABLE notify_delivery ADD COLUMN ref TEXT NOT NULL DEFAULT '';          -- what the gateway calls it
ALTER TABLE notify_delivery ADD COLUMN reported_at BIGINT NOT NULL DEFAULT 0;
-- state: waiting, sending, sent, failed (given up), bounced (refused for good), undelivered (by report), held (for a digest), digested
CREATE INDEX notify_delivery_due ON notify_delivery (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX notify_delivery_dead ON notify_delivery (id) WHERE state IN ('failed', 'bounced', 'undelivered');
CREATE INDEX notify_delivery_held ON notify_delivery (account_id, id) WHERE state = 'held';
CREATE TABLE notify_attempt ( -- written before the attempt, so that one that died with its worker shows
    delivery_id TEXT NOT NULL REFERENCES notify_delivery (id),
    n           INTEGER NOT NULL,
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    outcome     TEXT NOT NULL, -- unknown, sent, refused, rejected
    detail      TEXT NOT NULL,
    PRIMARY KEY (delivery_id, n)
);
CREATE TABLE notify_preference (
    account_id TEXT PRIMARY KEY,
    ways       JSONB NOT NULL,   -- class to ways
    quiet_from INTEGER NOT NULL, -- minutes of the day; the same as quiet_to for none
    quiet_to   INTEGER NOT NULL,
    digest     TEXT NOT NULL,    -- each, daily, weekly
    hour       INTEGER NOT NULL,
    weekday    INTEGER NOT NULL, -- 0 is Sunday
    since      BIGINT NOT NULL,  -- of the digest as it is set
    version    INTEGER NOT NULL
);
CREATE INDEX notify_preference_digest ON notify_preference (digest) WHERE digest <> 'each';
CREATE TABLE notify_digest ( -- one row a person and period: the promise of once
    account_id TEXT NOT NULL,
    period     TEXT NOT NULL, -- 2026-11-22, 2026-W47
    lines      INTEGER NOT NULL,
    made_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, period)
);
-- +goose Down
SELECT 1;
