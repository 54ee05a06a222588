-- +goose Up
-- Bookings of callers that are no commands on cases: a list of grants is reserved as a whole and granted firm by firm.
ALTER TABLE budget_entry ADD COLUMN key TEXT NOT NULL DEFAULT '';    -- what the caller booked it for; '' for cases and totals
ALTER TABLE budget_entry ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- key of the reservation that a release draws on
CREATE UNIQUE INDEX budget_entry_key ON budget_entry (key, kind) WHERE key <> ''; -- nothing is booked twice for a key
CREATE INDEX budget_entry_source ON budget_entry (source) WHERE source <> '';
-- +goose Down
SELECT 1;
