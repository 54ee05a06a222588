-- +goose Up
-- By when what was promised (告知承诺) is verified; 0 when nothing was, or it is done.
ALTER TABLE cases_case ADD COLUMN verify_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_case_verify ON cases_case (department_id, verify_at) WHERE verify_at > 0;
CREATE TABLE identity_credit ( -- why somebody is trusted, or not (守信, 失信)
    id          TEXT PRIMARY KEY,
    party_kind  TEXT NOT NULL,
    party_id    TEXT NOT NULL,
    kind        TEXT NOT NULL, -- good, bad
    reason      TEXT NOT NULL,
    source      TEXT NOT NULL, -- who said so
    case_id     TEXT NOT NULL, -- '' for none
    from_on     TEXT NOT NULL,
    until_on    TEXT NOT NULL, -- the last day on which it counts
    repaired_at BIGINT NOT NULL, -- 信用修复; 0 for not
    repaired_by TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE INDEX identity_credit_party ON identity_credit (party_id, until_on);
-- +goose Down
SELECT 1;
