-- +goose Up
CREATE TABLE catalogue_cart ( -- what somebody wants to order together (点餐)
    account_id TEXT NOT NULL,
    item_id    TEXT NOT NULL REFERENCES catalogue_item (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, item_id)
);
-- +goose Down
SELECT 1;
