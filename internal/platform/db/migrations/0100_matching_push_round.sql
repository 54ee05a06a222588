-- +goose Up
-- A window that opens every year is told of every year: round is the first day of the one that closes, '' for what is
-- told once for an edition. From which clause somebody went on to the item is known.
CREATE TABLE matching_push_next (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    clause        TEXT NOT NULL,
    edition       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    round         TEXT NOT NULL,
    state         TEXT NOT NULL,
    item          TEXT NOT NULL,
    worth_fen     BIGINT NOT NULL,
    by_id         TEXT NOT NULL,
    case_id       TEXT NOT NULL,
    told_at       BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    chosen_at     BIGINT NOT NULL, -- when somebody of the firm last went on from the clause to its item, 0 for never
    applied_at    BIGINT NOT NULL,
    granted_at    BIGINT NOT NULL,
    declined_at   BIGINT NOT NULL,
    version       INTEGER NOT NULL,
    UNIQUE (enterprise_id, clause, edition, kind, round)
);
INSERT INTO matching_push_next (id, enterprise_id, clause, edition, kind, round, state, item, worth_fen, by_id, case_id, told_at, opened_at, chosen_at, applied_at, granted_at, declined_at, version)
    SELECT id, enterprise_id, clause, edition, kind, '', state, item, worth_fen, by_id, case_id, told_at, opened_at, 0, applied_at, granted_at, declined_at, version FROM matching_push;
DROP TABLE matching_push;
ALTER TABLE matching_push_next RENAME TO matching_push;
CREATE INDEX matching_push_item ON matching_push (enterprise_id, item);
CREATE INDEX matching_push_clause ON matching_push (clause, enterprise_id);
-- +goose Down
SELECT 1;
