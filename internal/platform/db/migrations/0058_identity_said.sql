-- +goose Up
-- What programs of registers said already, by the key of the request.
CREATE TABLE identity_said (
    client_id     TEXT NOT NULL,
    key           TEXT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES identity_enterprise (id),
    digest        TEXT NOT NULL, -- of what was said under the key
    result        JSONB NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (client_id, key)
);
CREATE INDEX identity_said_at ON identity_said (at);
-- +goose Down
SELECT 1;
