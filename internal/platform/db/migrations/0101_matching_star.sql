-- +goose Up
-- Clauses that somebody saved with the star, and what of each he was told.
CREATE TABLE matching_star (
    account_id TEXT NOT NULL,
    clause     TEXT NOT NULL,    -- key
    title      JSONB NOT NULL,   -- as it was when it was last told or saved: what is withdrawn can be named
    edition    INTEGER NOT NULL, -- the last one that he was told of, or saved
    opens      TEXT NOT NULL,    -- first day of the window whose opening he knows of, '' for none
    closes     TEXT NOT NULL,    -- first day of the window of whose end he was told, '' for none
    ended      TEXT NOT NULL,    -- how it ended, when he knows that: repealed, expired, withdrawn
    told_on    TEXT NOT NULL,    -- ISO date, '' for never
    starred_at BIGINT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, clause)
);
-- +goose Down
SELECT 1;
