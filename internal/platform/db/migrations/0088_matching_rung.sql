-- +goose Up
CREATE TABLE matching_rung ( -- the highest rung of a ladder that a firm reached by the rule; rows are ended, never deleted
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    ladder        TEXT NOT NULL,
    rung          TEXT NOT NULL,
    since         TEXT NOT NULL, -- ISO date
    until         TEXT NOT NULL, -- the first day on which it was so no longer, '' while it is
    PRIMARY KEY (enterprise_id, ladder, since)
);
CREATE UNIQUE INDEX matching_rung_live ON matching_rung (enterprise_id, ladder) WHERE until = '';
CREATE TABLE matching_standing ( -- how a firm stands to a rung as of a day; a rung that is far away has no row
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    rung          TEXT NOT NULL,
    held_until    TEXT NOT NULL, -- the last day of the certificate, '' when it is not held
    answer        BIGINT NOT NULL, -- by the rule: 0 no, 1 not known, 2 yes
    near          BOOLEAN NOT NULL, -- one step away
    as_of         TEXT NOT NULL,
    PRIMARY KEY (enterprise_id, rung)
);
CREATE INDEX matching_standing_rung ON matching_standing (rung, held_until);
-- +goose Down
SELECT 1;
