-- +goose Up
-- A device that stands in a hall and gives numbers. An administrator makes a
-- link that is good once; who opens it on the device gets a cookie. Neither
-- stands here in clear.
CREATE TABLE queue_machine (
    id         TEXT PRIMARY KEY,
    hall_id    TEXT NOT NULL,
    link_hash  TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL, -- '' until the link was opened
    made_by    TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- of the link
    opened_at  BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX queue_machine_hall ON queue_machine (hall_id);
CREATE UNIQUE INDEX queue_machine_token ON queue_machine (token_hash) WHERE token_hash <> '';
-- +goose Down
SELECT 1;
