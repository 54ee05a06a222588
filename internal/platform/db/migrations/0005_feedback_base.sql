-- +goose Up
CREATE TABLE feedback_invitation ( -- one for each service moment of a case
    id            TEXT PRIMARY KEY,
    case_id       TEXT NOT NULL,
    case_number   TEXT NOT NULL,
    moment        TEXT NOT NULL, -- accept, finish
    item_code     TEXT NOT NULL,
    item_name     JSONB NOT NULL,
    department_id TEXT NOT NULL REFERENCES identity_department (id),
    region        TEXT NOT NULL, -- owns the item
    hall_id       TEXT NOT NULL,
    clerk_id      TEXT NOT NULL, -- who received the case, '' for online
    account_id    TEXT NOT NULL, -- who was invited; never shown to the rated
    token_hash    TEXT NOT NULL UNIQUE, -- SHA-256 of the link's secret
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    answered_at   BIGINT NOT NULL,
    UNIQUE (case_id, moment)
);
CREATE INDEX feedback_invitation_item ON feedback_invitation (item_code);
CREATE INDEX feedback_invitation_department ON feedback_invitation (department_id, id);
CREATE TABLE feedback_rating (
    id             TEXT PRIMARY KEY,
    invitation_id  TEXT NOT NULL UNIQUE REFERENCES feedback_invitation (id), -- once for each invitation
    score          INTEGER NOT NULL, -- 5 very satisfied to 1 very dissatisfied
    reasons        JSONB NOT NULL, -- codes of the boxes that were ticked
    text           TEXT NOT NULL,
    anonymous      BOOLEAN NOT NULL,
    state          TEXT NOT NULL, -- closed, to_rectify
    contact_due_at BIGINT NOT NULL, -- bad and not anonymous: by when the rater is called; 0 otherwise
    rated_at       BIGINT NOT NULL,
    version        INTEGER NOT NULL
);
CREATE INDEX feedback_rating_at ON feedback_rating (rated_at);
CREATE INDEX feedback_rating_open ON feedback_rating (state, id) WHERE state <> 'closed';
-- What others read: one line a rating, without case or person.
CREATE VIEW feedback_v_rating AS
    SELECT r.id, i.moment, i.item_code, i.department_id, i.region, i.hall_id, r.score, r.state, r.contact_due_at, r.rated_at
    FROM feedback_rating r JOIN feedback_invitation i ON i.id = r.invitation_id;
-- +goose Down
SELECT 1;
