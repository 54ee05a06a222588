package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Dead is a delivery that was given up, for administrators. Addresses are masked.
type Dead struct {
	ID        string
	Message   Message
	Way       Way
	Address   string
	State     string // failed, bounced, undelivered
	Attempts  int
	Error     string
	CreatedAt time.Time
}

// Dead lists what could not be delivered, newest first; after is the id of the
// last one seen.
func (s *Service) Dead(ctx context.Context, actor auth.Actor, after string, limit int) ([]Dead, error) {
	if !administers(actor) {
		return nil, ErrForbidden
	}
	if after == "" {
		after = "~"
	}
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (d Dead, err error) {
		return d, r.Scan(&d.ID, &d.Way, &d.Address, &d.State, &d.Attempts, &d.Error, db.Time{Time: &d.CreatedAt}, &d.Message.Kind, db.JSON[map[string]any]{V: &d.Message.Params})
	}, `SELECT d.id, d.channel, d.address, d.state, d.attempts, d.error, d.created_at, m.kind, m.params FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id
		WHERE d.state IN ('failed','bounced','undelivered') AND d.id < $1 ORDER BY d.id DESC LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("notify: dead letters: %w", err)
	}
	for i := range list {
		if list[i].Address, err = s.plain(list[i].ID, list[i].Address); err != nil {
			return nil, fmt.Errorf("notify: dead letters: %w", err)
		}
		list[i].Message.Params = hidden(list[i].Message.Params)
		if list[i].Way == BySMS {
			list[i].Address = idcode.MaskPhone(list[i].Address)
		} else {
			list[i].Address = idcode.MaskEmail(list[i].Address)
		}
	}
	return list, nil
}

// Counts says how many deliveries stand where, for administrators.
func (s *Service) Counts(ctx context.Context, actor auth.Actor) (waiting, dead int, err error) {
	if !administers(actor) {
		return 0, 0, ErrForbidden
	}
	if waiting, err = db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_delivery WHERE state IN ('waiting','sending')`); err != nil {
		return 0, 0, fmt.Errorf("notify: counts: %w", err)
	}
	if dead, err = db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_delivery WHERE state IN ('failed','bounced','undelivered')`); err != nil {
		return 0, 0, fmt.Errorf("notify: counts: %w", err)
	}
	return waiting, dead, nil
}

// Resend tries a delivery anew, to the address that the reader has now. It is a
// new round with a new key: what the gateway took and lost would else be taken
// for done.
func (s *Service) Resend(ctx context.Context, actor auth.Actor, id string) error {
	if !administers(actor) {
		return ErrForbidden
	}
	type row struct {
		account, address string
		way              Way
		params           map[string]any
		own              bool // goes to the reader's own address, not to one that was named
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		x, found, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) {
			return x, r.Scan(&x.account, &x.address, &x.way, &x.own, db.JSON[map[string]any]{V: &x.params})
		},
			`SELECT m.account_id, d.address, d.channel, m.feed, m.params FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id WHERE d.id=$1`, id)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotDead
		}
		for _, v := range x.params {
			if v == blank {
				return ErrSealOver
			}
		}
		if x.address, err = s.plain(id, x.address); err != nil {
			return err
		}
		if s.Contacts != nil && x.own {
			c, err := s.contact(ctx, Reader{AccountID: x.account})
			if err != nil {
				return err
			}
			if x.way == ByMail && c.Mail != "" {
				x.address = c.Mail
			}
			if x.way == BySMS && c.Phone != "" {
				x.address = c.Phone
			}
		}
		n, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state='waiting', round=round+1, next_at=$2, reported_at=0, sent_at=0, error='', ref='', address=$3
			WHERE id=$1 AND state IN ('failed','bounced','undelivered')`, id, db.MS(s.clock.Now()), s.kept(id, x.address))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotDead
		}
		if s.Audit != nil {
			if err := s.Audit.Record(ctx, actor, audit.Note{Action: "notify.resend", Object: "delivery:" + id}); err != nil {
				return err
			}
		}
		return s.jobs.Enqueue(ctx, deliverArgs{ID: id})
	})
}
