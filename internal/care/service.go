package care

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Deps of the module.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Cases    *cases.Service
	Audit    *audit.Log
	Scores   func(ctx context.Context, firms []string) (map[string]int, error) // completeness of the files
}

// Service is the module's use cases.
type Service struct{ Deps }

// New wires the module.
func New(d Deps) *Service { return &Service{d} }

// Assign gives a firm to a commissioner and ends the assignment before. To
// assign whom the firm has already changes nothing. A leader assigns within his
// region, a head the commissioners of the own department.
func (s *Service) Assign(ctx context.Context, actor auth.Actor, enterpriseID, accountID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		e, err := s.Identity.Enterprise(ctx, enterpriseID)
		if err != nil {
			return err
		}
		officer, err := s.Identity.Actor(ctx, accountID)
		if err != nil {
			return err
		}
		posts := officer.PostsOf(auth.Commissioner)
		if err := mayAssign(actor, e, posts); err != nil {
			return err
		}
		if len(posts) == 0 {
			return ErrPost.At("account", ErrPost.Code)
		}
		before, ok, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT account_id FROM care_assignment WHERE enterprise_id=$1 AND ended_at=0`, e.ID)
		if err != nil || ok && before == accountID {
			return err
		}
		now := s.Clock.Now()
		if _, err := s.DB.Exec(ctx, `UPDATE care_assignment SET ended_at=$2 WHERE enterprise_id=$1 AND ended_at=0`, e.ID, db.MS(now)); err != nil {
			return fmt.Errorf("care: end assignment: %w", err)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO care_assignment (id, enterprise_id, account_id, assigned_by, since, ended_at) VALUES ($1,$2,$3,$4,$5,0)`,
			ids.New(now), e.ID, accountID, actor.ID, db.MS(now)); errors.Is(err, db.ErrDuplicate) {
			return ErrTaken
		} else if err != nil {
			return fmt.Errorf("care: assign: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "care.assign", Object: "enterprise:" + e.ID, Change: map[string]any{"before": before, "commissioner": accountID}})
	})
}

// mayAssign says whether the actor may give the firm to an officer with these
// posts. Who reaches the firm in no way does not find it.
func mayAssign(a auth.Actor, e identity.Enterprise, officer []auth.Post) error {
	if a.Kind == auth.System {
		return nil
	}
	if !a.Has(auth.Leader, auth.Head) {
		return ErrForbidden
	}
	found := false
	for _, p := range a.PostsOf(auth.Leader, auth.Head) {
		if !strings.HasPrefix(e.Region, auth.Reach(p.Region)) {
			continue
		}
		found = true
		if p.Role == auth.Leader || slices.ContainsFunc(officer, func(o auth.Post) bool { return o.DepartmentID == p.DepartmentID }) {
			return nil
		}
	}
	if !found {
		return ErrNotFound
	}
	return ErrForbidden
}

// CommissionersOf names who looks after some firms; those that nobody looks after are not there.
func (s *Service) CommissionersOf(ctx context.Context, firms []string) (map[string]i18n.Text, error) {
	type row struct {
		firm string
		name i18n.Text
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.firm, db.JSON[i18n.Text]{V: &x.name}) },
		`SELECT a.enterprise_id, o.name FROM care_assignment a JOIN identity_account o ON o.id = a.account_id WHERE a.ended_at = 0 AND a.enterprise_id IN `+db.In(&args, firms), args...)
	if err != nil {
		return nil, fmt.Errorf("care: commissioners: %w", err)
	}
	out := make(map[string]i18n.Text, len(list))
	for _, x := range list {
		out[x.firm] = x.name
	}
	return out, nil
}

// Portfolio returns the firms that an account looks after now.
func (s *Service) Portfolio(ctx context.Context, accountID string) ([]string, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT enterprise_id FROM care_assignment WHERE account_id=$1 AND ended_at=0 ORDER BY id`, accountID)
	if err != nil {
		return nil, fmt.Errorf("care: portfolio: %w", err)
	}
	return list, nil
}

// Officers are the names of the commissioners of some firms, by firm; one that
// nobody looks after is left out.
func (s *Service) Officers(ctx context.Context, firms []string) (map[string]i18n.Text, error) {
	if len(firms) == 0 {
		return nil, nil
	}
	type row struct {
		firm string
		name i18n.Text
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.firm, db.JSON[i18n.Text]{V: &x.name}) },
		`SELECT a.enterprise_id, o.name FROM care_assignment a JOIN identity_account o ON o.id = a.account_id WHERE a.ended_at=0 AND a.enterprise_id IN `+db.In(&args, firms), args...)
	if err != nil {
		return nil, fmt.Errorf("care: officers: %w", err)
	}
	out := make(map[string]i18n.Text, len(list))
	for _, x := range list {
		out[x.firm] = x.name
	}
	return out, nil
}
