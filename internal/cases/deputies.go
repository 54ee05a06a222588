package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// MaxDeputy is how long one deputyship lasts at most; who is away for longer
// gives up his post.
const MaxDeputy = 180 * 24 * time.Hour

// deputised are the posts that a deputy takes over.
var deputised = []auth.Role{auth.Handler, auth.Approver}

// Deputy is a colleague who stands in for somebody for a time.
type Deputy struct {
	ID        string
	AccountID string
	DeputyID  string
	Name      i18n.Text // of the one who is away
	Deputy    i18n.Text // of the one who stands in
	From, To  time.Time // To is the first instant after it
	Reason    string
	EndedAt   time.Time // taken back before its end
	Version   int
}

// Active says whether the deputy stands in at an instant.
func (d Deputy) Active(now time.Time) bool {
	return d.EndedAt.IsZero() && !now.Before(d.From) && now.Before(d.To)
}

// DeputyInput names a deputy. Days are whole: To is the last one.
type DeputyInput struct {
	DeputyID string
	From, To time.Time
	Reason   string
}

const deputyColumns = `id, account_id, deputy_id, from_at, to_at, reason, ended_at, version`

func scanDeputy(r db.Scanner) (d Deputy, err error) {
	return d, r.Scan(&d.ID, &d.AccountID, &d.DeputyID, db.Time{Time: &d.From}, db.Time{Time: &d.To}, &d.Reason, db.Time{Time: &d.EndedAt}, &d.Version)
}

// WithDeputies returns the actor with the posts of those for whom he stands in
// now, marked with For: those in the departments where he is a colleague. A deputy of a deputy takes over nothing but the latter's
// own posts.
func (s *Service) WithDeputies(ctx context.Context, a auth.Actor) (auth.Actor, error) {
	if a.Kind != auth.Staff {
		return a, nil
	}
	now := db.MS(s.Clock.Now())
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string],
		`SELECT DISTINCT account_id FROM cases_deputy WHERE deputy_id=$1 AND to_at > $2 AND from_at <= $2 AND ended_at=0 ORDER BY account_id`, a.ID, now)
	if err != nil {
		return a, fmt.Errorf("cases: deputies: %w", err)
	}
	for _, id := range list {
		away, err := s.Identity.Actor(ctx, id)
		if err != nil {
			return a, fmt.Errorf("cases: deputies: %w", err)
		}
		for _, p := range away.PostsOf(deputised...) {
			if !slices.ContainsFunc(a.Posts, func(own auth.Post) bool { return own.For == "" && own.DepartmentID == p.DepartmentID }) {
				continue // a colleague there, a stranger elsewhere
			}
			p.For = id
			a.Posts = append(a.Posts, p)
		}
	}
	return a, nil
}

// deputyOf is who stands in for somebody now.
func (s *Service) deputyOf(ctx context.Context, account string) (string, bool, error) {
	return db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string],
		`SELECT deputy_id FROM cases_deputy WHERE account_id=$1 AND to_at > $2 AND from_at <= $2 AND ended_at=0 ORDER BY id LIMIT 1`, account, db.MS(s.Clock.Now()))
}

// Deputies lists who stands in for the actor, and for whom he does, the newest
// first; what ended long ago is left out.
func (s *Service) Deputies(ctx context.Context, actor auth.Actor) ([]Deputy, error) {
	since := db.MS(s.Clock.Now().AddDate(0, -6, 0))
	list, err := db.List(ctx, s.DB.Read(ctx), scanDeputy,
		`SELECT `+deputyColumns+` FROM cases_deputy WHERE (account_id=$1 OR deputy_id=$1) AND to_at > $2 ORDER BY id DESC LIMIT 50`, actor.ID, since)
	if err != nil {
		return nil, fmt.Errorf("cases: deputies: %w", err)
	}
	for i := range list {
		list[i].Name, list[i].Deputy = s.Identity.NameOf(ctx, list[i].AccountID), s.Identity.NameOf(ctx, list[i].DeputyID)
	}
	return list, nil
}

// PossibleDeputies are the colleagues of the actor: those who examine or decide
// in the departments where he does.
func (s *Service) PossibleDeputies(ctx context.Context, actor auth.Actor) ([]Colleague, error) {
	var departments []string
	for _, p := range actor.PostsOf(deputised...) {
		if p.For == "" && !slices.Contains(departments, p.DepartmentID) {
			departments = append(departments, p.DepartmentID)
		}
	}
	holders, err := s.Identity.Holders(ctx, departments, deputised...)
	if err != nil {
		return nil, err
	}
	var out []Colleague
	var who []string
	for _, h := range holders {
		if h.ID != actor.ID && !slices.Contains(who, h.ID) {
			out, who = append(out, Colleague{Holder: h}), append(who, h.ID)
		}
	}
	load, err := s.load(ctx, who)
	for i := range out {
		out[i].Open = load[out[i].ID]
	}
	return out, err
}

// NameDeputy lets a colleague of the same department stand in for the actor.
func (s *Service) NameDeputy(ctx context.Context, actor auth.Actor, in DeputyInput) (Deputy, error) {
	now := s.Clock.Now()
	d := Deputy{ID: ids.New(now), AccountID: actor.ID, DeputyID: in.DeputyID, From: in.From, To: in.To, Reason: strings.TrimSpace(in.Reason), Version: 1}
	possible, err := s.PossibleDeputies(ctx, actor)
	if err != nil {
		return Deputy{}, err
	}
	switch {
	case !slices.ContainsFunc(possible, func(c Colleague) bool { return c.ID == in.DeputyID }):
		return Deputy{}, ErrDeputy.At("deputy", ErrDeputy.Code)
	case !in.From.Before(in.To), !now.Before(in.To), in.To.Sub(in.From) > MaxDeputy:
		return Deputy{}, ErrPeriod.At("to", ErrPeriod.Code)
	case utf8.RuneCountInString(d.Reason) > 200:
		return Deputy{}, errLong.At("reason", errLong.Code, "max", 200, "have", utf8.RuneCountInString(d.Reason))
	}
	return d, s.DB.InTx(ctx, func(ctx context.Context) error {
		overlaps, err := db.One(ctx, s.DB.Write(ctx), db.Scalar[int], `SELECT count(*) FROM cases_deputy WHERE account_id=$1 AND ended_at=0 AND from_at < $3 AND to_at > $2`,
			actor.ID, db.MS(in.From), db.MS(in.To))
		if err != nil {
			return err
		}
		if overlaps > 0 {
			return ErrPeriod.At("from", ErrPeriod.Code)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_deputy (id, account_id, deputy_id, from_at, to_at, reason, ended_at, created_by, created_at, version) VALUES ($1,$2,$3,$4,$5,$6,0,$2,$7,1)`,
			d.ID, d.AccountID, d.DeputyID, db.MS(d.From), db.MS(d.To), d.Reason, db.MS(now)); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.name_deputy", Object: "account:" + d.DeputyID, Reason: d.Reason, Change: map[string]any{"from": db.MS(d.From), "to": db.MS(d.To)}})
	})
}

// EndDeputy takes a deputyship back: who is away may, and who stands in.
func (s *Service) EndDeputy(ctx context.Context, actor auth.Actor, id string, version int) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		d, ok, err := db.Maybe(ctx, s.DB.Write(ctx), scanDeputy, `SELECT `+deputyColumns+` FROM cases_deputy WHERE id=$1`, id)
		if err != nil {
			return err
		}
		if !ok || d.AccountID != actor.ID && d.DeputyID != actor.ID {
			return ErrNotFound
		}
		if d.Version != version || !d.EndedAt.IsZero() {
			return ErrStale
		}
		if err := s.DB.ExecOne(ctx, `UPDATE cases_deputy SET ended_at=$3, version=version+1 WHERE id=$1 AND version=$2`, id, version, db.MS(s.Clock.Now())); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.end_deputy", Object: "account:" + d.DeputyID})
	})
}

// standsFor is whom the actor stands in for with the task in hand; "" when he
// acts for himself.
func (w *work) standsFor() string {
	if w.actor.Kind != auth.Staff || w.task == nil {
		return ""
	}
	return postFor(w.actor, w.task).For
}

// notePrincipal puts into the event for whom a deputy acts.
func (w *work) notePrincipal(ctx context.Context) {
	if id := w.standsFor(); id != "" {
		w.detail["for"], w.detail["for_id"] = w.svc.Identity.NameOf(ctx, id), id
	}
}
