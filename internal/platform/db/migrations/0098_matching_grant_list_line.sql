-- +goose Up
-- What stood on a payment list, and what became of each line: it stays when the line goes onto another list.
CREATE TABLE matching_grant_list_line (
    list_id TEXT NOT NULL REFERENCES matching_grant_list (id),
    line_id TEXT NOT NULL REFERENCES matching_grant_line (id),
    fen     BIGINT NOT NULL,
    outcome TEXT NOT NULL,   -- '', paid, bounced, or stopped: taken back before it was paid
    day     TEXT NOT NULL,   -- ISO date of the payment, or of the return of what was paid
    by_id   TEXT NOT NULL,   -- who entered it
    reason  TEXT NOT NULL,
    voucher TEXT NOT NULL,   -- of the payment, or of the return
    PRIMARY KEY (list_id, line_id)
);
CREATE INDEX matching_grant_list_line_line ON matching_grant_list_line (line_id);
CREATE INDEX matching_grant_line_case ON matching_grant_line (case_id);
INSERT INTO matching_grant_list_line (list_id, line_id, fen, outcome, day, by_id, reason, voucher)
SELECT p.id, l.id, l.fen,
    CASE WHEN l.state = 'paid' OR l.owed_fen > 0 THEN 'paid' WHEN l.state = 'clawed' THEN 'stopped' ELSE '' END,
    CASE WHEN l.state = 'paid' OR l.owed_fen > 0 THEN p.paid_on ELSE '' END,
    CASE WHEN l.state = 'paid' OR l.owed_fen > 0 THEN p.paid_by ELSE '' END,
    '',
    CASE WHEN l.state = 'paid' OR l.owed_fen > 0 THEN p.voucher ELSE '' END
FROM matching_grant_line l JOIN matching_grant_list p ON p.id = l.list_id;
-- Lists whose answers were closed before there were cases get none by themselves.
UPDATE matching_grant SET awarded_at = answer_until WHERE state = 'settled' AND awarded_at = 0 AND reserved_fen = 0
    AND NOT EXISTS (SELECT 1 FROM matching_grant_line l WHERE l.grant_id = matching_grant.id AND l.case_id <> '');
-- +goose Down
SELECT 1;
