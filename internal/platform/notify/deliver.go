package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
)

// ErrRefused is wrapped by what will never be taken: a mailbox that does not
// exist, a number out of service. Every other error is tried again.
var ErrRefused = errors.New("refused for good")

// lease is how long one worker has a delivery in hand.
const lease = 2 * time.Minute

type deliverArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (deliverArgs) Kind() string { return "notify.deliver" }

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "notify.sweep" }

// delivery is one message on one way to one reader.
type delivery struct {
	id, account, address string
	way                  Way
	attempts, round      int
	locale               i18n.Locale
	message              Message
}

// key is the same in every try of a round: by it mail systems fold copies and
// gateways know that they have taken it.
func (d delivery) key() string {
	if d.round == 0 {
		return d.id
	}
	return fmt.Sprintf("%s-%d", d.id, d.round)
}

// masked is where it goes as others may read it.
func (d delivery) masked() string {
	if d.way == BySMS {
		return idcode.MaskPhone(d.address)
	}
	return idcode.MaskEmail(d.address)
}

// hide masks the address in what a server said, which often quotes it.
func (d delivery) hide(text string) string {
	if d.address == "" {
		return text
	}
	return strings.ReplaceAll(text, d.address, d.masked())
}

// deliver makes one attempt. Whoever comes while another has the delivery in
// hand, or when it is done, goes away again.
func (s *Service) deliver(ctx context.Context, a deliverArgs) error {
	d, mine, err := s.claim(ctx, a.ID)
	if err != nil || !mine {
		return err
	}
	ref, sendErr := s.attempt(ctx, d)
	return s.outcome(context.WithoutCancel(ctx), d, ref, sendErr)
}

// claim takes the delivery in hand and writes the attempt down before it is made.
func (s *Service) claim(ctx context.Context, id string) (d delivery, mine bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		now := s.clock.Now()
		n, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state='sending', lease_at=$2, attempts=attempts+1
			WHERE id=$1 AND (state='waiting' AND next_at <= $3 OR state='sending' AND lease_at <= $3)`, id, db.MS(now.Add(lease)), db.MS(now))
		if err != nil || n == 0 {
			return err
		}
		d, err = db.One(ctx, s.db.Read(ctx), func(r db.Scanner) (d delivery, err error) {
			return d, r.Scan(&d.id, &d.account, &d.way, &d.address, &d.locale, &d.attempts, &d.round, &d.message.ID, &d.message.Kind,
				db.JSON[map[string]any]{V: &d.message.Params}, &d.message.Link, &d.message.Class, &d.message.Legal)
		}, `SELECT d.id, m.account_id, d.channel, d.address, d.locale, d.attempts, d.round, m.id, m.kind, m.params, m.link, m.class, m.legal
			FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id WHERE d.id=$1`, id)
		if err != nil {
			return err
		}
		if d.address, err = s.plain(d.id, d.address); err != nil {
			return err
		}
		mine = true
		_, err = s.db.Exec(ctx, `INSERT INTO notify_attempt (delivery_id, n, started_at, ended_at, outcome, detail) VALUES ($1,$2,$3,0,'unknown','')`, id, d.attempts, db.MS(now))
		return err
	})
	if err != nil {
		return d, false, fmt.Errorf("notify: delivery %s: %w", id, err)
	}
	return d, mine, nil
}

// attempt hands the message to the mail server or the gateway.
func (s *Service) attempt(ctx context.Context, d delivery) (ref string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lease/2) // over before anybody else may take it
	defer cancel()
	var secret []string
	if d.message.Params, secret, err = s.opened(ctx, d.message); err != nil {
		return "", err
	}
	switch {
	case d.way == ByMail && s.mailer != nil:
		m, err := s.mail(ctx, d)
		if err != nil {
			return "", err
		}
		m.Hide = secret
		return "", s.mailer.Send(ctx, m)
	case d.way == BySMS && s.Gateway != nil:
		title, _ := s.Text(d.locale, d.message)
		return s.Gateway.Send(ctx, Short{Key: d.key(), To: d.address, Text: s.shortText(d.locale, title, d.account, d.message.Link), Hide: secret})
	}
	return "", fmt.Errorf("notify: no %s is configured", d.way)
}

// outcome notes what came of an attempt.
func (s *Service) outcome(ctx context.Context, d delivery, ref string, sendErr error) error {
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		now := s.clock.Now()
		state, outcome, detail, sent, next := "sent", "sent", "", now, time.Time{}
		if sendErr != nil {
			detail, sent = firstRunes(d.hide(sendErr.Error()), 500), time.Time{}
			switch {
			case errors.Is(sendErr, ErrRefused):
				state, outcome = "bounced", "rejected"
			case d.attempts > len(s.Pauses), errors.Is(sendErr, errBlank):
				state, outcome = "failed", "refused"
			default:
				state, outcome, next = "waiting", "refused", now.Add(s.Pauses[d.attempts-1])
			}
			if errors.Is(sendErr, context.DeadlineExceeded) {
				outcome = "unknown" // it may have been taken
			}
		}
		// Only what this worker still has in hand: a report may have said more meanwhile.
		n, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state=$2, error=$3, sent_at=$4, next_at=$5, ref=CASE WHEN $6='' THEN ref ELSE $6 END WHERE id=$1 AND state='sending' AND attempts=$7`,
			d.id, state, detail, db.MS(sent), db.MS(next), ref, d.attempts)
		if err != nil {
			return err
		}
		if _, err := s.db.Exec(ctx, `UPDATE notify_attempt SET ended_at=$3, outcome=$4, detail=$5 WHERE delivery_id=$1 AND n=$2`, d.id, d.attempts, db.MS(now), outcome, detail); err != nil || n == 0 {
			return err
		}
		if state != "waiting" { // a code that has left, or never will, is not kept
			if err := s.forget(ctx, d.message.ID); err != nil {
				return err
			}
		}
		switch state {
		case "waiting":
			return s.jobs.EnqueueAt(ctx, deliverArgs{ID: d.id}, next)
		case "bounced":
			return s.bounced(ctx, d, now)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("notify: outcome of %s: %w", d.id, err)
	}
	return nil
}

// bounced tells the reader in the feed that an address does not work, once a
// day and address; by the other ways it would only go astray again.
func (s *Service) bounced(ctx context.Context, d delivery, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO notify_message (id, account_id, dedup_key, kind, params, link, needs_you, created_at, read_at, class, legal, feed)
		VALUES ($1,$2,$3,$4,$5,$6,TRUE,$7,0,$8,FALSE,TRUE) ON CONFLICT (dedup_key) DO NOTHING`,
		ids.New(now), d.account, "bounced:"+string(d.way)+":"+d.account+":"+d.masked()+":"+workday.DateOf(now).String()+":"+d.account, "bounced_"+string(d.way),
		db.ToJSON(map[string]any{"address": d.masked()}), PreferencesPath, db.MS(now), string(Action))
	return err
}

// Sweep finds deliveries whose job is gone: due for two minutes, or in the
// hands of a worker that died; and forgets codes that are over.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.clock.Now()
	if err := s.forgetOver(ctx, now); err != nil {
		return err
	}
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT id FROM notify_delivery
		WHERE state='waiting' AND next_at <= $1 AND created_at <= $1 OR state='sending' AND lease_at <= $2 ORDER BY next_at LIMIT 500`, db.MS(now.Add(-lease)), db.MS(now))
	if err != nil {
		return fmt.Errorf("notify: sweep: %w", err)
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		for _, id := range list {
			if err := s.jobs.Enqueue(ctx, deliverArgs{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
