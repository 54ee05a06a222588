-- +goose Up
-- Clauses that somebody marked, and what of each he was told.
CREATE TABLE matching_mark (
    account_id TEXT NOT NULL,
    clause     TEXT NOT NULL,    -- key
    title      JSONB NOT NULL,   -- as it was when it was last told or marked: what is withdrawn can be named
    edition    INTEGER NOT NULL, -- the last one that he was told of, or marked
    opens      TEXT NOT NULL,    -- first day of the window whose opening he knows of, '' for none
    closes     TEXT NOT NULL,    -- first day of the window of whose end he was told, '' for none
    ended      TEXT NOT NULL,    -- how it ended, when he knows that: repealed, expired, withdrawn
    told_on    TEXT NOT NULL,    -- ISO date, '' for never
    marked_at  BIGINT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, clause)
);
CREATE INDEX matching_mark_clause ON matching_mark (clause);
-- +goose Down
SELECT 1;
