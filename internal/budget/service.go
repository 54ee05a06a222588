package budget

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Deps of the module.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Audit    *audit.Log
	Texts    *i18n.Catalog
}

// Service keeps the funds.
type Service struct {
	Deps
	store store
}

// New wires the module.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// text of a locale key in both languages.
func (s *Service) text(key string, kv ...any) i18n.Text {
	return i18n.Text{ZH: s.Texts.Text(i18n.Chinese, key, kv...), EN: s.Texts.Text(i18n.English, key, kv...)}
}

// Readers are the roles that see funds, each as far as it reaches.
var Readers = []auth.Role{auth.Approver, auth.Head, auth.Leader}

// sees says whether the fund is of the actor's department, or of his region for a leader.
func (s *Service) sees(a auth.Actor, f Fund) bool {
	region := s.Identity.Directory().Department(f.DepartmentID).Region
	for _, p := range a.PostsOf(Readers...) {
		if p.Role == auth.Leader && strings.HasPrefix(region, auth.Reach(p.Region)) || p.Role != auth.Leader && p.DepartmentID == f.DepartmentID {
			return true
		}
	}
	return false
}

// MayChange says whether the actor raises and cuts the total: the head of the department.
func (s *Service) MayChange(a auth.Actor, f Fund) bool {
	for _, p := range a.PostsOf(auth.Head) {
		if p.DepartmentID == f.DepartmentID {
			return true
		}
	}
	return false
}

// Funds lists those that the actor sees, the newest year first.
func (s *Service) Funds(ctx context.Context, actor auth.Actor) ([]Fund, error) {
	if !actor.Has(Readers...) {
		return nil, ErrForbidden
	}
	all, err := db.List(ctx, s.DB.Read(ctx), scanFund, `SELECT `+fundColumns+` FROM budget_fund ORDER BY closed, year DESC, key`)
	if err != nil {
		return nil, fmt.Errorf("budget: funds: %w", err)
	}
	out := []Fund{}
	for _, f := range all {
		if s.sees(actor, f) {
			out = append(out, f)
		}
	}
	return out, nil
}

// Names are how the funds are called that are not closed, by key, for those who
// name one: what is in them is another matter.
func (s *Service) Names(ctx context.Context) (map[string]i18n.Text, error) {
	all, err := db.List(ctx, s.DB.Read(ctx), scanFund, `SELECT `+fundColumns+` FROM budget_fund WHERE NOT closed`)
	if err != nil {
		return nil, fmt.Errorf("budget: names: %w", err)
	}
	out := make(map[string]i18n.Text, len(all))
	for _, f := range all {
		out[f.Key] = f.Name
	}
	return out, nil
}

// Money is the fund with a key, for those who decide about what it pays for; false
// for one that is not known. Who may ask is the business of the caller.
func (s *Service) Money(ctx context.Context, key string) (Fund, bool, error) {
	f, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanFund, `SELECT `+fundColumns+` FROM budget_fund WHERE key=$1`, key)
	if err != nil {
		return f, false, fmt.Errorf("budget: money of %s: %w", key, err)
	}
	return f, ok, nil
}

// Fund returns one fund; of another department it is ErrNotFound.
func (s *Service) Fund(ctx context.Context, actor auth.Actor, key string) (Fund, error) {
	f, err := s.store.fund(ctx, `key=$1`, key)
	if err == nil && !s.sees(actor, f) {
		err = ErrNotFound
	}
	return f, err
}

// Ledger returns a page of the entries of a fund, the newest first.
func (s *Service) Ledger(ctx context.Context, actor auth.Actor, key string, r page.Request) (page.Result[Entry], error) {
	f, err := s.Fund(ctx, actor, key)
	if err != nil {
		return page.Result[Entry]{}, err
	}
	args := db.Args{f.ID, r.Limit() + 1}
	where := `fund_id=$1`
	if r.After != "" {
		where += ` AND id < ` + args.Add(r.After)
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), scanEntry, `SELECT `+entryColumns+` FROM budget_entry WHERE `+where+` ORDER BY id DESC LIMIT $2`, args...)
	if err != nil {
		return page.Result[Entry]{}, fmt.Errorf("budget: ledger: %w", err)
	}
	return page.Cut(rows, r.Limit(), func(e Entry) string { return e.ID }), nil
}

// ChangeInput sets the total of a fund, or closes it: nothing more is reserved or granted.
type ChangeInput struct {
	Version int
	Total   money.Fen
	Closed  bool
	Reason  string
}

// Change raises or cuts the total of a fund, never below what is spoken for.
func (s *Service) Change(ctx context.Context, actor auth.Actor, key string, in ChangeInput) (Fund, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	if in.Reason == "" || utf8.RuneCountInString(in.Reason) > 300 {
		return Fund{}, ErrInvalid.At("reason", errReason.Code)
	}
	var out Fund
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Fund(ctx, actor, key)
		switch {
		case err != nil:
			return err
		case !s.MayChange(actor, f):
			return ErrForbidden
		}
		now := s.Clock.Now()
		err = s.DB.ExecOne(ctx, `UPDATE budget_fund SET total_fen=$3, closed=$4, updated_at=$5, version=version+1
			WHERE id=$1 AND version=$2 AND reserved_fen+granted_fen <= $3`, f.ID, in.Version, int64(in.Total), in.Closed, db.MS(now))
		if errors.Is(err, db.ErrStale) {
			if in.Version != f.Version {
				return ErrStale
			}
			return ErrCut.At("total", ErrCut.Code, "least", (f.Reserved+f.Granted).String()).With("least", (f.Reserved + f.Granted).String())
		}
		if err != nil {
			return fmt.Errorf("budget: change %s: %w", key, err)
		}
		if err := s.store.enter(ctx, Entry{FundID: f.ID, Kind: EntryTotal, Amount: in.Total - f.Total, ByID: actor.ID, ByName: actor.Name, Reason: in.Reason, At: now}); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{
			Action: "budget.change", Object: "fund:" + f.Key, Reason: in.Reason,
			Change: map[string]any{"from": int64(f.Total), "to": int64(in.Total), "closed": in.Closed},
		}); err != nil {
			return err
		}
		out, err = s.store.fund(ctx, `id=$1`, f.ID)
		return err
	})
	return out, err
}

// Seed is a fund as the zone's files describe it.
type Seed struct {
	Key        string    `yaml:"key"`
	Name       i18n.Text `yaml:"name"`
	Department string    `yaml:"department"`
	Year       int       `yaml:"year"`
	Total      string    `yaml:"total"` // yuan
}

// Import adds the funds that are not there yet; one that is there is kept by
// people and left alone.
func (s *Service) Import(ctx context.Context, actor auth.Actor, seeds []Seed) (added int, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		added = 0
		for _, x := range seeds {
			total, err := money.Parse(x.Total)
			if err != nil || total < 0 || x.Key == "" || x.Name.IsZero() || x.Year < 2000 || !s.Identity.Directory().HasDepartment(x.Department) {
				return fmt.Errorf("budget: fund %q: %w", x.Key, ErrInvalid)
			}
			if _, err := s.store.fund(ctx, `key=$1`, x.Key); err == nil {
				continue
			} else if !errors.Is(err, ErrNotFound) {
				return err
			}
			now := s.Clock.Now()
			f := Fund{ID: ids.New(now), Key: x.Key, Name: x.Name, DepartmentID: x.Department, Year: x.Year, Total: total}
			if err := s.store.insert(ctx, f, now); err != nil {
				return err
			}
			if err := s.store.enter(ctx, Entry{FundID: f.ID, Kind: EntryTotal, Amount: total, ByID: actor.ID, ByName: actor.Name, At: now}); err != nil {
				return err
			}
			if err := s.Audit.Record(ctx, actor, audit.Note{Action: "budget.open", Object: "fund:" + f.Key, Change: map[string]any{"total": int64(total)}}); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	return added, err
}
