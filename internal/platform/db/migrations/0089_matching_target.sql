-- +goose Up
CREATE TABLE matching_target ( -- how many firms are to get the certificate of a rung in a year
    year       BIGINT NOT NULL,
    rung       TEXT NOT NULL,
    account_id TEXT NOT NULL, -- a commissioner, for the firms in his care; '' for the department that keeps the rung
    number     BIGINT NOT NULL,
    set_by     TEXT NOT NULL,
    set_at     BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    PRIMARY KEY (year, rung, account_id)
);
-- +goose Down
SELECT 1;
