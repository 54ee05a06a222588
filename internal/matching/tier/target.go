package tier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// MaxTarget is the highest number that a target can have.
const MaxTarget = 99_999

// Target is how many firms are to get, or renew, the certificate of a rung in a year.
type Target struct {
	*Rung
	Year      int
	AccountID string    // a commissioner; "" for the department
	Name      i18n.Text // of the commissioner
	Number    int
	Done      int
	Version   int
}

// Percent of the target that is done.
func (t Target) Percent() int {
	if t.Number == 0 {
		return 100
	}
	return min(100, t.Done*100/t.Number)
}

// Sets says whether the actor sets targets of a rung: leaders, and the head of the
// department that keeps it.
func Sets(actor auth.Actor, r *Rung) bool {
	return r.Certificate != "" && slices.ContainsFunc(actor.PostsOf(auth.Leader, auth.Head), func(p auth.Post) bool {
		return p.Role == auth.Leader || p.DepartmentID == r.Department
	})
}

// Targets lists those of this year that the actor sees: everybody those of
// departments, a commissioner only his own besides.
func (s *Service) Targets(ctx context.Context, actor auth.Actor) ([]Target, error) {
	if !actor.Has(Readers...) {
		return nil, ErrForbidden
	}
	today := s.today()
	year, _ := strconv.Atoi(today[:4])
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (t Target, err error) {
		var rung string
		err = r.Scan(&rung, &t.Year, &t.AccountID, &t.Number, &t.Version)
		t.Rung = s.Tables.Rung(rung)
		return t, err
	}, `SELECT rung, year, account_id, number, version FROM matching_target WHERE year=$1 ORDER BY rung, account_id`, year)
	if err != nil {
		return nil, fmt.Errorf("tier: targets: %w", err)
	}
	all := actor.Has(auth.Handler, auth.Approver, auth.Head, auth.Leader)
	list = slices.DeleteFunc(list, func(t Target) bool { return t.Rung == nil || t.AccountID != "" && t.AccountID != actor.ID && !all })
	var types []string
	for _, t := range list {
		types = append(types, t.Certificate)
	}
	if len(types) == 0 {
		return list, nil
	}
	papers, err := s.issued(ctx, func(*db.Args, auth.Actor) string { return "1=1" }, actor, types)
	if err != nil {
		return nil, err
	}
	got := map[string]map[string]bool{} // firms that got a certificate this year, by type
	for _, p := range papers {
		if p.from >= today[:4]+"-01-01" && p.from <= today {
			if got[p.kind] == nil {
				got[p.kind] = map[string]bool{}
			}
			got[p.kind][p.firm] = true
		}
	}
	for i := range list {
		t := &list[i]
		t.Done = len(got[t.Certificate])
		if t.AccountID == "" {
			continue
		}
		t.Name, t.Done = s.Identity.NameOf(ctx, t.AccountID), 0
		firms, err := s.Portfolio(ctx, t.AccountID)
		if err != nil {
			return nil, err
		}
		for _, f := range firms {
			if got[t.Certificate][f] {
				t.Done++
			}
		}
	}
	return list, nil
}

// TargetInput sets a target; with number nought it is taken away.
type TargetInput struct {
	Rung      string
	AccountID string
	Number    int
	Version   int // of the one that the actor saw, 0 for none
}

// SetTarget sets, changes or takes away a target of this year.
func (s *Service) SetTarget(ctx context.Context, actor auth.Actor, in TargetInput) error {
	r := s.Tables.Rung(in.Rung)
	switch {
	case actor.Kind != auth.System && !actor.Has(auth.Leader, auth.Head):
		return ErrForbidden
	case r == nil:
		return ErrNotFound
	case actor.Kind != auth.System && !Sets(actor, r):
		return ErrForbidden
	case in.Number < 0 || in.Number > MaxTarget:
		return ErrInvalid.At("number", errNumber.Code, "most", MaxTarget)
	}
	year, _ := strconv.Atoi(s.today()[:4])
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if in.AccountID != "" {
			officer, err := s.Identity.Actor(ctx, in.AccountID)
			if err != nil || !officer.Has(auth.Commissioner) {
				return ErrInvalid.At("account", errOfficer.Code)
			}
		}
		var err error
		now := db.MS(s.Clock.Now())
		switch {
		case in.Number == 0:
			err = s.DB.ExecOne(ctx, `DELETE FROM matching_target WHERE year=$1 AND rung=$2 AND account_id=$3 AND version=$4`, year, r.Key, in.AccountID, in.Version)
		case in.Version == 0:
			_, err = s.DB.Exec(ctx, `INSERT INTO matching_target (year, rung, account_id, number, set_by, set_at, version) VALUES ($1,$2,$3,$4,$5,$6,1)`, year, r.Key, in.AccountID, in.Number, actor.ID, now)
		default:
			err = s.DB.ExecOne(ctx, `UPDATE matching_target SET number=$4, set_by=$5, set_at=$6, version=version+1 WHERE year=$1 AND rung=$2 AND account_id=$3 AND version=$7`,
				year, r.Key, in.AccountID, in.Number, actor.ID, now, in.Version)
		}
		if errors.Is(err, db.ErrStale) || errors.Is(err, db.ErrDuplicate) {
			return ErrStale
		}
		if err != nil {
			return fmt.Errorf("tier: target: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "tier.target", Object: "rung:" + r.Key, Change: map[string]any{"year": year, "commissioner": in.AccountID, "number": in.Number}})
	})
}

// Officers are the commissioners for whom targets can be set.
func (s *Service) Officers(ctx context.Context) ([]string, error) {
	held, err := s.Identity.Posts(ctx, `p.role=$1 AND p.ended_at=0`, string(auth.Commissioner))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, h := range held {
		if !slices.Contains(out, h.AccountID) {
			out = append(out, h.AccountID)
		}
	}
	return out, nil
}
