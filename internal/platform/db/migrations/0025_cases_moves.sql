-- +goose Up
-- The move of live cases to a newer version of their item.
ALTER TABLE cases_case ADD COLUMN kept JSONB NOT NULL DEFAULT '[]'; -- limits of versions that it stood on before
CREATE TABLE cases_move_run (
    id         TEXT PRIMARY KEY,
    item_id    TEXT NOT NULL,
    version_id TEXT NOT NULL, -- where the cases go
    number     INTEGER NOT NULL, -- of that version
    reason     TEXT NOT NULL,
    by_id      TEXT NOT NULL,
    at         BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL, -- 0 while it runs, or when it was stopped half-way
    lines      JSONB NOT NULL, -- one for each case that was chosen, with what came of it
    version    INTEGER NOT NULL
);
CREATE INDEX cases_move_run_item ON cases_move_run (item_id, at);
-- +goose Down
SELECT 1;
