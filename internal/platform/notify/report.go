package notify

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
)

// Errors of delivery reports; texts are error.<code>.
var (
	ErrSignature = errs.Define(errs.Unauthorized, "notify.signature")
	ErrReport    = errs.Define(errs.Invalid, "notify.report")
)

// reportAge is how old a signed report may be.
const reportAge = 5 * time.Minute

// Report takes what the gateway says about a message that it took: the JSON
// {"key": …, "status": "delivered" or "failed", "id": …}, signed as requests to
// it are. It may come twice, late, and before we noted that the message left.
func (s *Service) Report(ctx context.Context, at, signature string, body []byte) error {
	seconds, err := strconv.ParseInt(at, 10, 64)
	if s.ReportSecret == "" || err != nil || !hmac.Equal([]byte(Sign(s.ReportSecret, at, body)), []byte(strings.ToLower(signature))) {
		return ErrSignature
	}
	now := s.clock.Now()
	if d := now.Sub(time.Unix(seconds, 0)); d > reportAge || d < -reportAge {
		return ErrSignature // an old one said again
	}
	var r struct {
		Key    string `json:"key"`
		Status string `json:"status"`
		ID     string `json:"id"`
	}
	if json.Unmarshal(body, &r) != nil || r.Key == "" || r.Status != "delivered" && r.Status != "failed" {
		return ErrReport
	}
	id, round := r.Key, 0
	if len(id) > 36 { // an id is as long as a UUID; what follows is the round
		if round, err = strconv.Atoi(strings.TrimPrefix(id[36:], "-")); err != nil {
			return ErrReport
		}
		id = id[:36]
	}
	state := "sent"
	if r.Status == "failed" {
		state = "undelivered"
	}
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		// What is reported was taken: a try that is still waiting is not made.
		_, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state=$3, reported_at=$4, sent_at=CASE WHEN sent_at=0 THEN $4 ELSE sent_at END, ref=CASE WHEN ref='' THEN $5 ELSE ref END,
			error=CASE WHEN $3='sent' THEN '' ELSE 'reported as not delivered' END
			WHERE id=$1 AND round=$2 AND channel='sms' AND reported_at=0 AND state IN ('waiting','sending','sent','failed')`, id, round, state, db.MS(now), firstRunes(r.ID, 100))
		return err
	})
	if err != nil {
		return fmt.Errorf("notify: report: %w", err)
	}
	return nil
}
