package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// linkTTL is how long the link that sets a machine up can be opened.
const linkTTL = 30 * time.Minute

// machinesMost are the machines of one hall, links that wait included.
const machinesMost = 20

// Machine is a device in a hall that gives numbers.
type Machine struct {
	ID       string
	HallID   string
	OpenedAt time.Time // zero while its link waits
	Expires  time.Time // of the link
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// MakeMachine makes the link by which a device of a hall becomes a ticket
// machine: good once, for half an hour. It returns the secret of the link.
func (s *Service) MakeMachine(ctx context.Context, actor auth.Actor, hall string) (link string, err error) {
	h, err := s.SettableHall(ctx, actor, hall)
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	link, id := ids.Token(), ids.New(now)
	return link, s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := db.One(ctx, s.DB.Write(ctx), db.Scalar[int], `SELECT count(*) FROM queue_machine WHERE hall_id=$1 AND ended_at=0 AND (opened_at > 0 OR expires_at > $2)`, h.ID, db.MS(now))
		if err != nil {
			return err
		}
		if n >= machinesMost {
			return ErrMachines.With("max", machinesMost)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO queue_machine (id, hall_id, link_hash, token_hash, made_by, made_at, expires_at, opened_at, ended_at) VALUES ($1,$2,$3,'',$4,$5,$6,0,0)`,
			id, h.ID, hashed(link), actor.ID, db.MS(now), db.MS(now.Add(linkTTL))); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.machine_link", Object: "hall:" + h.ID, Change: map[string]any{"machine": id}})
	})
}

// LinkedHall is the hall of a link that can still be opened.
func (s *Service) LinkedHall(ctx context.Context, from auth.Actor, link string) (Hall, error) {
	if err := s.Throttle.Hit(ctx, "machine-link:"+from.From, 30, 15*time.Minute); err != nil {
		return Hall{}, err
	}
	return s.hallOf(ctx, `link_hash=$1 AND opened_at=0 AND ended_at=0 AND expires_at > $2`, hashed(link), db.MS(s.Clock.Now()))
}

// OpenMachine uses a link up and returns the secret that the device keeps.
func (s *Service) OpenMachine(ctx context.Context, from auth.Actor, link string) (token string, err error) {
	h, err := s.LinkedHall(ctx, from, link)
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	token = ids.Token()
	return token, s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE queue_machine SET token_hash=$2, opened_at=$3 WHERE link_hash=$1 AND opened_at=0 AND ended_at=0 AND expires_at > $3`, hashed(link), hashed(token), db.MS(now))
		if err != nil {
			return err
		}
		if n == 0 { // somebody else was quicker
			return ErrNotFound
		}
		return s.Audit.Record(ctx, from, audit.Note{Action: "queue.machine_open", Object: "hall:" + h.ID})
	})
}

// MachineHall is the hall in which a device with this secret gives numbers.
func (s *Service) MachineHall(ctx context.Context, token string) (Hall, error) {
	if token == "" {
		return Hall{}, ErrNotFound
	}
	return s.hallOf(ctx, `token_hash=$1 AND ended_at=0`, hashed(token))
}

func (s *Service) hallOf(ctx context.Context, where string, args ...any) (Hall, error) {
	id, ok, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT hall_id FROM queue_machine WHERE `+where, args...)
	if err != nil {
		return Hall{}, fmt.Errorf("queue: machine: %w", err)
	}
	if !ok {
		return Hall{}, ErrNotFound
	}
	return s.Hall(ctx, id)
}

// Machines are those of a hall, links that wait included.
func (s *Service) Machines(ctx context.Context, actor auth.Actor, hall string) ([]Machine, error) {
	h, err := s.SettableHall(ctx, actor, hall)
	if err != nil {
		return nil, err
	}
	return db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (m Machine, err error) {
		return m, r.Scan(&m.ID, &m.HallID, db.Time{Time: &m.OpenedAt}, db.Time{Time: &m.Expires})
	}, `SELECT id, hall_id, opened_at, expires_at FROM queue_machine WHERE hall_id=$1 AND ended_at=0 AND (opened_at > 0 OR expires_at > $2) ORDER BY id`, h.ID, db.MS(s.Clock.Now()))
}

// EndMachine takes the right to give numbers from a device, or a link back.
func (s *Service) EndMachine(ctx context.Context, actor auth.Actor, hall, id string) error {
	h, err := s.SettableHall(ctx, actor, hall)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE queue_machine SET ended_at=$3 WHERE id=$1 AND hall_id=$2 AND ended_at=0`, id, h.ID, db.MS(s.Clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "queue.machine_end", Object: "hall:" + h.ID, Change: map[string]any{"machine": id}})
	})
}
