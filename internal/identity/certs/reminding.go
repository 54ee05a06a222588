package certs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

type remindArgs struct{}

// Kind names the job.
func (remindArgs) Kind() string { return "certs.remind" }

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 10*time.Minute, func(ctx context.Context, _ remindArgs) error { return s.Remind(ctx) })
	jobs.Every(q, 6*time.Hour, remindArgs{})
}

const (
	endsSoon     = 60  // days that a list of what ends soon looks ahead
	furthest     = 400 // days that any type may remind ahead
	remindAtOnce = 500
)

// day is so many days from today.
func (s *Service) day(n int) string { return workday.DateOf(s.now()).AddDays(n).String() }

// Remind tells the holders of certificates whose end comes near, once for each
// distance of their type and each end: repeated, it tells nothing again. Where
// several distances have passed at once (the certificate came late into the
// register, or the queue stood still) the nearest is told and the others are
// taken as told.
func (s *Service) Remind(ctx context.Context) error {
	var failed []error
	today, after := s.Identity.Today(), ""
	for {
		list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate
			WHERE state='valid' AND valid_to <> '' AND valid_to >= $1 AND valid_to <= $2 AND id > $3 ORDER BY id LIMIT $4`, today, s.day(furthest), after, remindAtOnce)
		if err != nil {
			return fmt.Errorf("certs: remind: %w", err)
		}
		told, err := s.told(ctx, list)
		if err != nil {
			return err
		}
		for i := range list {
			c := &list[i]
			after = c.ID
			if days := due(s.distances(c.Type), c.ValidTo, today, told[c.ID+c.ValidTo]); len(days) > 0 {
				if err := s.remind(ctx, c, days); err != nil {
					failed = append(failed, fmt.Errorf("certs: remind %s: %w", c.ID, err))
				}
			}
		}
		if len(list) < remindAtOnce {
			return errors.Join(failed...)
		}
	}
}

func (s *Service) distances(key string) []int {
	if t, ok := s.Identity.Directory().CertificateType(key); ok && len(t.Remind) > 0 {
		return t.Remind
	}
	return identity.DefaultRemind
}

// due are the distances that have been reached and not been told, the nearest last.
func due(distances []int, until, today string, told map[int]bool) []int {
	end, err := workday.Parse(until)
	if err != nil {
		return nil
	}
	now, err := workday.Parse(today)
	if err != nil {
		return nil
	}
	nearest, out := -1, []int{}
	for _, n := range distances {
		if end.Sub(now) > n {
			continue
		}
		if nearest < 0 || n < nearest {
			nearest = n
		}
		if !told[n] {
			out = append(out, n)
		}
	}
	if nearest < 0 || told[nearest] {
		return nil
	}
	return out
}

// told are the distances of which the holders were told, by certificate and end.
func (s *Service) told(ctx context.Context, list []identity.Certificate) (map[string]map[int]bool, error) {
	out := map[string]map[int]bool{}
	if len(list) == 0 {
		return out, nil
	}
	type row struct {
		key  string
		days int
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		var id, until string
		err = r.Scan(&id, &until, &x.days)
		x.key = id + until
		return x, err
	}, `SELECT certificate_id, valid_to, days FROM identity_certificate_reminder WHERE certificate_id >= $1 AND certificate_id <= $2`, list[0].ID, list[len(list)-1].ID)
	if err != nil {
		return nil, fmt.Errorf("certs: remind: %w", err)
	}
	for _, r := range rows {
		if out[r.key] == nil {
			out[r.key] = map[int]bool{}
		}
		out[r.key][r.days] = true
	}
	return out, nil
}

// remind tells the holder, and that it was told, in one transaction.
func (s *Service) remind(ctx context.Context, c *identity.Certificate, days []int) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := db.MS(s.now())
		fresh := int64(0)
		for _, n := range days {
			added, err := s.DB.Exec(ctx, `INSERT INTO identity_certificate_reminder (certificate_id, valid_to, days, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`, c.ID, c.ValidTo, n, now)
			if err != nil {
				return err
			}
			fresh += added
		}
		if fresh == 0 { // another process was faster
			return nil
		}
		end, err := workday.Parse(c.ValidTo)
		if err != nil {
			return err
		}
		n := notify.News{
			Key: fmt.Sprintf("certs_ends:%s:%s:%d", c.ID, c.ValidTo, days[len(days)-1]), Kind: "certs_ends", Link: PathOf(c.ID), Class: notify.Action,
			Params: map[string]any{"title": c.Title, "number": number(c), "day": i18n.Moment(i18n.Day, workday.StartOf(end))},
		}
		t, _ := s.Identity.Directory().CertificateType(c.Type)
		if t.Item != "" && s.Renewal != nil {
			if name, link, ok := s.Renewal(ctx, t.Item); ok {
				n.Kind, n.Link, n.NeedsYou = "certs_renew", link, true
				n.Params["item"] = name
			}
		}
		return s.tellHolder(ctx, c, n)
	})
}

// Ending lists what ends soon for the firms that a commissioner looks after, the
// first to end first.
func (s *Service) Ending(ctx context.Context, actor auth.Actor) ([]identity.Certificate, error) {
	if actor.Kind != auth.Staff || !actor.Has(auth.Commissioner) {
		return nil, ErrForbidden
	}
	if len(actor.Portfolio) == 0 {
		return nil, nil
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate
		WHERE state='valid' AND valid_to >= `+args.Add(s.Identity.Today())+` AND valid_to <= `+args.Add(s.day(endsSoon))+` AND holder_id IN `+db.In(&args, actor.Portfolio)+` ORDER BY valid_to, id LIMIT 200`, args...)
	if err != nil {
		return nil, fmt.Errorf("certs: ending: %w", err)
	}
	return list, nil
}
