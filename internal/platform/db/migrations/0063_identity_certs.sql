-- +goose Up
-- What a kind of certificate is: the type part of its identifiers (GB/T 36904: credit code of
-- its owner and three more), what it proves, how many days before its end the holder is told,
-- and the item that renews it.
ALTER TABLE identity_certificate_type ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_certificate_type ADD COLUMN proves JSONB NOT NULL DEFAULT '{}';
ALTER TABLE identity_certificate_type ADD COLUMN remind TEXT NOT NULL DEFAULT '60 30 7';
ALTER TABLE identity_certificate_type ADD COLUMN renewal_item TEXT NOT NULL DEFAULT '';

ALTER TABLE identity_certificate ADD COLUMN code TEXT NOT NULL DEFAULT '';         -- identifier of GB/T 36904, '' without one
ALTER TABLE identity_certificate ADD COLUMN level TEXT NOT NULL DEFAULT '';        -- trust level of this copy, '' for that of its type
ALTER TABLE identity_certificate ADD COLUMN source TEXT NOT NULL DEFAULT '';       -- decision, import, window, holder; '' of before
ALTER TABLE identity_certificate ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;    -- raised by each change
ALTER TABLE identity_certificate ADD COLUMN file_id TEXT NOT NULL DEFAULT '';      -- the file itself, '' when the sheet is set from the data
ALTER TABLE identity_certificate ADD COLUMN issuer_name TEXT NOT NULL DEFAULT '';  -- of one issued elsewhere
ALTER TABLE identity_certificate ADD COLUMN keeper_id TEXT NOT NULL DEFAULT '';    -- department that keeps a copy of one issued elsewhere
ALTER TABLE identity_certificate ADD COLUMN checked_by TEXT NOT NULL DEFAULT '';   -- clerk who held the copy against the original
ALTER TABLE identity_certificate ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_certificate ADD COLUMN checked_window TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX identity_certificate_code ON identity_certificate (code) WHERE code <> '';
CREATE INDEX identity_certificate_end ON identity_certificate (valid_to) WHERE state = 'valid' AND valid_to <> '';
CREATE INDEX identity_certificate_issuer ON identity_certificate (issuer_id, id);
CREATE INDEX identity_certificate_number ON identity_certificate (number);

-- Former versions. A change writes the certificate anew and leaves here what it was.
CREATE TABLE identity_certificate_past (
    id             TEXT PRIMARY KEY,
    certificate_id TEXT NOT NULL REFERENCES identity_certificate (id),
    edition        INTEGER NOT NULL,
    number         TEXT NOT NULL,
    code           TEXT NOT NULL,
    title          JSONB NOT NULL,
    holder_name    JSONB NOT NULL,
    valid_from     TEXT NOT NULL,
    valid_to       TEXT NOT NULL,
    file_id        TEXT NOT NULL,
    token          TEXT NOT NULL UNIQUE, -- of its verification page, which says that it was replaced
    issued_at      BIGINT NOT NULL,
    ended_at       BIGINT NOT NULL,
    UNIQUE (certificate_id, edition)
);

-- What staff did or want to do to a certificate. What takes a right away waits for a second person.
CREATE TABLE identity_certificate_act (
    id             TEXT PRIMARY KEY,
    certificate_id TEXT NOT NULL REFERENCES identity_certificate (id),
    kind           TEXT NOT NULL, -- change, suspend, resume, revoke
    state          TEXT NOT NULL, -- proposed, done, refused
    reason         TEXT NOT NULL,
    input          JSONB NOT NULL, -- of a change
    proposed_by    TEXT NOT NULL,
    proposed_at    BIGINT NOT NULL,
    decided_by     TEXT NOT NULL,
    decided_at     BIGINT NOT NULL,
    note           TEXT NOT NULL, -- why it was refused
    version        INTEGER NOT NULL
);
CREATE UNIQUE INDEX identity_certificate_act_open ON identity_certificate_act (certificate_id) WHERE state = 'proposed';
CREATE INDEX identity_certificate_act_of ON identity_certificate_act (certificate_id, id);

-- Every use of a certificate. A row is never changed, but for the complaint about it.
CREATE TABLE identity_certificate_use (
    id             TEXT PRIMARY KEY,
    certificate_id TEXT NOT NULL REFERENCES identity_certificate (id),
    kind           TEXT NOT NULL, -- lent, opened, downloaded, printed
    edition        INTEGER NOT NULL,
    actor_kind     TEXT NOT NULL,
    actor_id       TEXT NOT NULL,
    department_id  TEXT NOT NULL,
    case_id        TEXT NOT NULL, -- '' outside a case
    case_number    TEXT NOT NULL,
    item_name      JSONB NOT NULL,
    material       TEXT NOT NULL,
    reason         TEXT NOT NULL,
    at             BIGINT NOT NULL
);
CREATE INDEX identity_certificate_use_of ON identity_certificate_use (certificate_id, id);
CREATE INDEX identity_certificate_use_actor ON identity_certificate_use (actor_id, certificate_id, at);
CREATE UNIQUE INDEX identity_certificate_use_lent ON identity_certificate_use (case_id, material, certificate_id) WHERE kind = 'lent';

CREATE TABLE identity_certificate_complaint (
    id            TEXT PRIMARY KEY,
    use_id        TEXT NOT NULL UNIQUE REFERENCES identity_certificate_use (id),
    department_id TEXT NOT NULL, -- whose use it is about
    text          TEXT NOT NULL,
    by_id         TEXT NOT NULL,
    at            BIGINT NOT NULL,
    answer        TEXT NOT NULL, -- '' while it is open
    upheld        BOOLEAN NOT NULL,
    answered_by   TEXT NOT NULL,
    answered_at   BIGINT NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX identity_certificate_complaint_open ON identity_certificate_complaint (department_id) WHERE answer = '';

-- Papers that nobody had to bring because they were on file: once for each case and paper.
CREATE TABLE identity_proof_saved (
    case_id          TEXT NOT NULL,
    material         TEXT NOT NULL,
    certificate_id   TEXT NOT NULL,
    certificate_type TEXT NOT NULL, -- '' when it was found by a check
    holder_id        TEXT NOT NULL,
    account_id       TEXT NOT NULL, -- who acted
    item_code        TEXT NOT NULL,
    item_name        JSONB NOT NULL,
    department_id    TEXT NOT NULL,
    region           TEXT NOT NULL,
    at               BIGINT NOT NULL,
    PRIMARY KEY (case_id, material)
);
CREATE INDEX identity_proof_saved_holder ON identity_proof_saved (holder_id);
CREATE INDEX identity_proof_saved_at ON identity_proof_saved (at);
CREATE VIEW identity_v_proof_saved AS
    SELECT case_id, material, certificate_type, item_code, department_id, region, at FROM identity_proof_saved;

-- One notice for each end that comes near and each distance from it.
CREATE TABLE identity_certificate_reminder (
    certificate_id TEXT NOT NULL REFERENCES identity_certificate (id),
    valid_to       TEXT NOT NULL,
    days           INTEGER NOT NULL,
    at             BIGINT NOT NULL,
    PRIMARY KEY (certificate_id, valid_to, days)
);
-- +goose Down
SELECT 1;
