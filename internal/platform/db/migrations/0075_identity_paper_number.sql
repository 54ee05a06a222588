-- +goose Up
-- What a holder uploads says nothing about whose a number is. Until a clerk has held it against
-- the original its number stands beside the register, so that nobody takes a number or an
-- identifier away from the office that gives it.
ALTER TABLE identity_certificate ADD COLUMN paper_number TEXT NOT NULL DEFAULT ''; -- as the upload says, '' for what is in the register
UPDATE identity_certificate SET paper_number = number, number = 'upload:' || id, code = '' WHERE source = 'holder' AND state IN ('unchecked', 'declared');
DROP INDEX identity_certificate_code;
CREATE UNIQUE INDEX identity_certificate_code ON identity_certificate (code) WHERE source = 'decision' AND code <> '';
CREATE INDEX identity_certificate_code_of ON identity_certificate (code) WHERE code <> '';
CREATE INDEX identity_certificate_paper ON identity_certificate (paper_number) WHERE paper_number <> '';
-- +goose Down
SELECT 1;
