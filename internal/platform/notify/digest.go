package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
)

type digestArgs struct{}

// Kind names the job.
func (digestArgs) Kind() string { return "notify.digests" }

// briefingAge is how late a morning list may still come: after it the day has
// gone on without.
const briefingAge = 6 * time.Hour

// digestMemory is how many days it is remembered that a digest was made.
const digestMemory = 60

// digestLines is how many lines a digest names; the feed has them all.
const digestLines = 50

// period is the last one of a rhythm that is due: its name and the instant.
func (p Preferences) period(now time.Time) (name string, due time.Time) {
	local := now.In(workday.Zone)
	due = time.Date(local.Year(), local.Month(), local.Day(), p.Hour, 0, 0, 0, workday.Zone)
	if p.Digest == Weekly {
		due = due.AddDate(0, 0, -int((local.Weekday()-p.Weekday+7)%7))
		if due.After(now) {
			due = due.AddDate(0, 0, -7)
		}
		year, week := due.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week), due.UTC()
	}
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	return workday.DateOf(due).String(), due.UTC()
}

// Digests makes what is due: for who wants his mails together, and the morning
// lists of staff. It may be repeated at any time and catches up after a stop;
// one reader who fails does not hold up the others.
func (s *Service) Digests(ctx context.Context) error {
	if s.mailer == nil {
		return nil
	}
	readers, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT account_id FROM notify_preference WHERE digest <> 'each'
		UNION SELECT account_id FROM notify_delivery WHERE state='held'`)
	if err != nil {
		return fmt.Errorf("notify: digests: %w", err)
	}
	if s.Briefing != nil {
		staff, err := s.Briefing.Readers(ctx)
		if err != nil {
			return fmt.Errorf("notify: digests: %w", err)
		}
		readers = append(readers, staff...)
	}
	slices.Sort(readers)
	all := s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `DELETE FROM notify_digest WHERE made_at < $1`, db.MS(s.clock.Now().AddDate(0, 0, -digestMemory)))
		return err
	})
	for _, account := range slices.Compact(readers) {
		all = errors.Join(all, s.digest(ctx, account))
	}
	return all
}

// digest makes that of one reader, if it is due and was not made.
func (s *Service) digest(ctx context.Context, account string) error {
	p, err := s.Preferences(ctx, account)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	name, due := p.period(now)
	if p.Digest != Each && due.Before(p.Since) { // set after the hour: the first one is the next
		return nil
	}
	made, err := db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_digest WHERE account_id=$1 AND period=$2`, account, name)
	if err != nil || made > 0 && p.Digest != Each {
		return err
	}
	var brief []Line
	if s.Briefing != nil && made == 0 && p.Wants(Digest, ByMail) && now.Sub(due) < briefingAge {
		if brief, err = s.Briefing.Lines(ctx, account); err != nil {
			return fmt.Errorf("notify: briefing of %s: %w", account, err)
		}
	}
	c, err := s.contact(ctx, Reader{AccountID: account})
	if err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		until := due
		if p.Digest == Each {
			until = now
		}
		held, err := s.held(ctx, account, until)
		if err != nil {
			return err
		}
		if len(held) == 0 || len(brief) > 0 || p.Digest != Each {
			n, err := s.db.Exec(ctx, `INSERT INTO notify_digest (account_id, period, lines, made_at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`, account, name, len(brief)+len(held), db.MS(now))
			if err != nil || n == 0 || len(brief)+len(held) == 0 {
				return err // another process was first, or there is nothing to say in this period
			}
		} else {
			name = "rest:" + held[len(held)-1].delivery // digests were given up: what was kept leaves
		}
		lines := slices.Clone(brief)
		for _, h := range held {
			lines = append(lines, h.Line)
			if _, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state='digested', sent_at=$2 WHERE id=$1`, h.delivery, db.MS(now)); err != nil {
				return err
			}
			if c.Mail == "" {
				c.Mail = h.address
			}
			if c.Locale == "" {
				c.Locale = h.locale
			}
		}
		if c.Mail == "" {
			return nil
		}
		return s.sendDigest(ctx, account, name, c, lines, len(brief), p)
	})
	if err != nil {
		return fmt.Errorf("notify: digest of %s: %w", account, err)
	}
	return nil
}

// sendDigest writes the digest as a message that stands in no feed.
func (s *Service) sendDigest(ctx context.Context, account, name string, c Contact, lines []Line, brief int, p Preferences) error {
	type jsonLine struct {
		Text i18n.Text `json:"text"`
		Link string    `json:"link"`
	}
	shown := make([]jsonLine, 0, min(len(lines), digestLines))
	for _, l := range lines[:min(len(lines), digestLines)] {
		shown = append(shown, jsonLine(l))
	}
	id := ids.New(s.clock.Now())
	kind := "digest"
	if brief > 0 {
		kind = "briefing"
	}
	added, err := s.db.Exec(ctx, `INSERT INTO notify_message (id, account_id, dedup_key, kind, params, link, needs_you, created_at, read_at, class, legal, feed)
		VALUES ($1,$2,$3,$4,$5,$6,FALSE,$7,$7,$8,FALSE,FALSE) ON CONFLICT (dedup_key) DO NOTHING`, id, account, "digest:"+name+":"+account, kind,
		db.ToJSON(map[string]any{"n": len(lines), "lines": shown}), FeedPath, db.MS(s.clock.Now()), string(Digest))
	if err != nil || added == 0 {
		return err
	}
	return s.deliverBy(ctx, account, id, ByMail, c.Mail, c.Locale, "waiting", p.after(s.clock.Now()))
}

type heldLine struct {
	Line
	delivery, address string
	locale            i18n.Locale
}

// held are the mails that were kept for a reader up to an instant, oldest first.
func (s *Service) held(ctx context.Context, account string, until time.Time) ([]heldLine, error) {
	return db.List(ctx, s.db.Write(ctx), func(r db.Scanner) (h heldLine, err error) {
		var m Message
		if err := r.Scan(&h.delivery, &h.address, &h.locale, &m.Kind, db.JSON[map[string]any]{V: &m.Params}, &m.Link); err != nil {
			return h, err
		}
		if h.address, err = s.plain(h.delivery, h.address); err != nil {
			return h, err
		}
		h.Link = m.Link
		h.Text.ZH, _ = s.Text(i18n.Chinese, m)
		h.Text.EN, _ = s.Text(i18n.English, m)
		return h, nil
	}, `SELECT d.id, d.address, d.locale, m.kind, m.params, m.link FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id
		WHERE d.account_id=$1 AND d.state='held' AND d.created_at <= $2 ORDER BY d.id`, account, db.MS(until))
}
