-- +goose Up
-- Lists of automatic grants: who has the benefit by a case, the case of each line, and how it is paid.
ALTER TABLE matching_grant ADD COLUMN applied INTEGER NOT NULL DEFAULT 0;          -- firms that fit, and have a case of the item
ALTER TABLE matching_grant ADD COLUMN awarded_at BIGINT NOT NULL DEFAULT 0;        -- every confirmed line was turned into a case, or its fault is known
ALTER TABLE matching_grant ADD COLUMN reserved_fen BIGINT NOT NULL DEFAULT 0;      -- what was set aside in the fund at the release
ALTER TABLE matching_grant_line ADD COLUMN cause TEXT NOT NULL DEFAULT '';         -- why the program lets it wait or left it out
ALTER TABLE matching_grant_line ADD COLUMN case_id TEXT NOT NULL DEFAULT '';
ALTER TABLE matching_grant_line ADD COLUMN case_number TEXT NOT NULL DEFAULT '';
ALTER TABLE matching_grant_line ADD COLUMN fault TEXT NOT NULL DEFAULT '';         -- why no case could be made, a code
ALTER TABLE matching_grant_line ADD COLUMN list_id TEXT NOT NULL DEFAULT '';       -- the payment list that it stands on
ALTER TABLE matching_grant_line ADD COLUMN paid_on TEXT NOT NULL DEFAULT '';       -- ISO date
ALTER TABLE matching_grant_line ADD COLUMN owed_fen BIGINT NOT NULL DEFAULT 0;     -- to be paid back
ALTER TABLE matching_grant_line ADD COLUMN clawed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE matching_grant_line ADD COLUMN recovered_on TEXT NOT NULL DEFAULT '';  -- ISO date
CREATE INDEX matching_grant_line_clause ON matching_grant_line (clause_key, enterprise_id);
CREATE TABLE matching_grant_list (
    id       TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES matching_grant (id),
    number   TEXT NOT NULL UNIQUE,
    lines    INTEGER NOT NULL,
    fen      BIGINT NOT NULL,
    sha256   TEXT NOT NULL,     -- of the file
    content  TEXT NOT NULL,     -- the file as it was made, sealed
    state    TEXT NOT NULL,     -- open, paid, void: everything on it bounced
    made_by  TEXT NOT NULL,
    made_at  BIGINT NOT NULL,
    paid_by  TEXT NOT NULL,     -- who entered that the treasury paid
    paid_at  BIGINT NOT NULL,
    paid_on  TEXT NOT NULL,     -- ISO date
    voucher  TEXT NOT NULL      -- of the treasury
);
CREATE INDEX matching_grant_list_grant ON matching_grant_list (grant_id);
CREATE UNIQUE INDEX matching_grant_list_open ON matching_grant_list (grant_id) WHERE state = 'open';
-- +goose Down
SELECT 1;
