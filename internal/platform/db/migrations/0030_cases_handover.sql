-- +goose Up
-- Whom the one who acts in a case wants to hand it over to: a colleague of the same firm.
ALTER TABLE cases_case ADD COLUMN offered_to TEXT NOT NULL DEFAULT '';
CREATE INDEX cases_case_offered ON cases_case (offered_to) WHERE offered_to <> '';
-- The former case that a draft was copied from.
ALTER TABLE cases_case ADD COLUMN copied_from TEXT NOT NULL DEFAULT '';
-- +goose Down
SELECT 1;
