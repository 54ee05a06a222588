package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// Contact is how to reach somebody.
type Contact struct {
	Locale i18n.Locale
	Mail   string
	Phone  string
}

// Contacts knows how to reach people; identity has them, app passes them.
type Contacts interface {
	Contact(ctx context.Context, account string) (Contact, error)
}

// Line is one line of a digest.
type Line struct {
	Text i18n.Text
	Link string // path on this site
}

// Briefing is what members of staff are told each morning beside what was kept
// for them; app puts it together.
type Briefing interface {
	// Readers are the accounts that get one unless they switched it off.
	Readers(ctx context.Context) ([]string, error)
	// Lines are empty on a day without work and when there is nothing to say.
	Lines(ctx context.Context, account string) ([]Line, error)
}

// Connection is what New leaves out: everything that an installation may do without.
type Connection struct {
	Gateway      Gateway // nil: no short messages
	ReportSecret string  // signs the reports of the gateway; "": none are taken
	Contacts     Contacts
	Briefing     Briefing
	Audit        *audit.Log
	Seal         *seal.Ring      // nil: addresses of deliveries are kept in clear
	Pauses       []time.Duration // between the tries; nil for the usual
}

// Connect adds it. Call it before the queue starts.
func (s *Service) Connect(c Connection) {
	if c.Pauses == nil {
		c.Pauses = pauses
	}
	s.Connection = c
}

// pauses between the tries of a delivery: nine tries within two days.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// contact is how to reach a reader.
func (s *Service) contact(ctx context.Context, to Reader) (Contact, error) {
	c := Contact{Locale: to.Locale, Mail: to.Mail}
	if s.Contacts != nil {
		var err error
		if c, err = s.Contacts.Contact(ctx, to.AccountID); err != nil {
			return c, fmt.Errorf("notify: how to reach %s: %w", to.AccountID, err)
		}
		if c.Locale == "" {
			c.Locale = to.Locale
		}
	}
	if s.mailer == nil {
		c.Mail = ""
	}
	if s.Gateway == nil {
		c.Phone = ""
	}
	return c, nil
}

// send makes the deliveries of a message. It joins the transaction of ctx.
func (s *Service) send(ctx context.Context, to Reader, m Message) error {
	if s.mailer == nil && s.Gateway == nil {
		return nil
	}
	c, err := s.contact(ctx, to)
	if err != nil || c.Mail == "" && c.Phone == "" {
		return err
	}
	p, err := s.Preferences(ctx, to.AccountID)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for _, w := range p.ways(m, c) {
		address, state, at := c.Mail, "waiting", p.after(now)
		if w == BySMS {
			address = c.Phone
		} else if p.Digest != Each && !m.Legal && !m.NeedsYou && m.Class != Digest {
			state = "held"
		}
		if err := s.deliverBy(ctx, to.AccountID, m.ID, w, address, c.Locale, state, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) deliverBy(ctx context.Context, account, message string, w Way, address string, l i18n.Locale, state string, at time.Time) error {
	now := s.clock.Now()
	id := ids.New(now)
	if _, err := s.db.Exec(ctx, `INSERT INTO notify_delivery (id, message_id, channel, address, locale, state, attempts, error, created_at, sent_at, account_id, next_at)
		VALUES ($1,$2,$3,$4,$5,$6,0,'',$7,0,$8,$9)`, id, message, string(w), s.kept(id, address), string(l), state, db.MS(now), account, db.MS(at)); err != nil {
		return fmt.Errorf("notify: delivery: %w", err)
	}
	switch {
	case state != "waiting":
		return nil
	case at.After(now):
		return s.jobs.EnqueueAt(ctx, deliverArgs{ID: id}, at)
	default:
		return s.jobs.Enqueue(ctx, deliverArgs{ID: id})
	}
}

// administers says who looks after what could not be delivered.
func administers(a auth.Actor) bool { return a.Has(auth.SystemAdmin) }

// ContactOf is how an account can be reached by the ways that are configured.
func (s *Service) ContactOf(ctx context.Context, account string) (Contact, error) {
	return s.contact(ctx, Reader{AccountID: account})
}
