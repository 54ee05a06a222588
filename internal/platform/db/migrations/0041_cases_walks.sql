-- +goose Up
-- The lists of applicants are read by id. An index on updated_at would be
-- written anew by every command, and keep PostgreSQL from changing a row in place.
DROP INDEX cases_case_account;
CREATE INDEX cases_case_account ON cases_case (account_id, id);
DROP INDEX cases_case_party;
CREATE INDEX cases_case_party ON cases_case (party_id, id);
-- Whom a case was received by does not change with its state.
DROP INDEX cases_case_receiver;
CREATE INDEX cases_case_receiver ON cases_case (receiver_id, id);
-- +goose Down
SELECT 1;
