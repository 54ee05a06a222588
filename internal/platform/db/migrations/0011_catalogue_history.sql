-- +goose Up
-- What happened to the items that people see, in the order in which it was
-- committed: seq is drawn last in each transaction, under the lock of the head,
-- so that a reader who has read up to a number never misses a smaller one.
CREATE TABLE catalogue_change (
    seq     BIGINT PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES catalogue_item (id),
    code    TEXT NOT NULL,
    kind    TEXT NOT NULL, -- created, updated, suspended, resumed, withdrawn
    number  INTEGER NOT NULL, -- of the version that is published
    at      BIGINT NOT NULL
);
CREATE INDEX catalogue_change_item ON catalogue_change (item_id, seq);

CREATE TABLE catalogue_change_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL
);

-- What was published before is in the catalogue since then.
INSERT INTO catalogue_change (seq, item_id, code, kind, number, at)
    SELECT ROW_NUMBER() OVER (ORDER BY h.at, h.id, h.kind), h.id, h.code, h.kind, h.number, h.at FROM (
        SELECT i.id AS id, i.code AS code, 'created' AS kind, v.number AS number, v.published_at AS at
        FROM catalogue_item i JOIN catalogue_version v ON v.id = i.version_id WHERE i.state <> 'draft'
        UNION ALL
        SELECT i.id, i.code, 'suspended', v.number, i.updated_at
        FROM catalogue_item i JOIN catalogue_version v ON v.id = i.version_id WHERE i.state = 'suspended'
    ) h;
INSERT INTO catalogue_change_head (id, last) SELECT 1, COUNT(*) FROM catalogue_change;

-- Who looked at which guide last.
CREATE TABLE catalogue_visit (
    account_id TEXT NOT NULL,
    item_id    TEXT NOT NULL REFERENCES catalogue_item (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, item_id)
);
CREATE INDEX catalogue_visit_at ON catalogue_visit (account_id, at);
-- +goose Down
SELECT 1;
