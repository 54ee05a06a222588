-- +goose Up
-- What waits for a window, and for being handed over, is little beside what ended
-- long ago: read in its order without passing all of that.
CREATE INDEX cases_case_submitted_live ON cases_case (submitted_at, id) WHERE state = 'submitted';
CREATE INDEX cases_case_decided_live ON cases_case (submitted_at, id) WHERE state = 'decided';
-- +goose Down
SELECT 1;
