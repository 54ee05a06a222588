package care

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Readers are the roles that read files of firms.
var Readers = []auth.Role{auth.Commissioner, auth.Leader}

// visible is the condition on e (a firm) and a (its live assignment) that the
// actor may read the file.
func visible(args *db.Args, actor auth.Actor) string {
	var parts []string
	for _, p := range actor.PostsOf(Readers...) {
		if p.Role == auth.Leader {
			parts = append(parts, `e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
		} else {
			parts = append(parts, `a.account_id = `+args.Add(actor.ID))
		}
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Filter of the list of firms.
type Filter struct {
	Query   string // part of the name, or the credit code
	ByScore bool   // the least complete files first, instead of who should be called first
	page.Request
}

// Firms lists the firms whose files the actor may read: first those that should
// be called first, whatever page they are on.
func (s *Service) Firms(ctx context.Context, actor auth.Actor, f Filter) (List, error) {
	if !actor.Has(Readers...) {
		return List{}, ErrForbidden
	}
	var args db.Args
	where := visible(&args, actor)
	if q := strings.TrimSpace(f.Query); q != "" {
		where += ` AND (e.uscc = ` + args.Add(strings.ToUpper(q)) + ` OR e.name->>'zh' LIKE ` + args.Add(db.LikeAnywhere(q)) + ` ESCAPE '\' OR e.name->>'en' LIKE ` + args.Add(db.LikeAnywhere(q)) + ` ESCAPE '\')`
	}
	list, err := s.firms(ctx, where, args...)
	if err != nil {
		return List{}, err
	}
	if err := s.weigh(ctx, actor, list); err != nil {
		return List{}, err
	}
	place := Firm.cursor
	if f.ByScore {
		place = Firm.place
	}
	slices.SortFunc(list, func(a, b Firm) int { return strings.Compare(place(a), place(b)) })
	out := List{All: len(list)}
	for i := range list {
		if list[i].Lights[workday.Red]+list[i].Lights[workday.Yellow] > 0 {
			out.Late++
		}
		if len(list[i].Expiring) > 0 {
			out.Expiring++
		}
	}
	if f.After != "" {
		list = slices.DeleteFunc(list, func(x Firm) bool { return place(x) <= f.After })
	}
	if len(list) > f.Limit()+1 {
		list = list[:f.Limit()+1]
	}
	out.Result = page.Cut(list, f.Limit(), place)
	return out, s.enrich(ctx, actor, out.Rows)
}

// firms reads firms with their commissioners.
func (s *Service) firms(ctx context.Context, where string, args ...any) ([]Firm, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (Firm, error) {
		f := Firm{Lights: map[workday.Light]int{}}
		e := &f.Enterprise
		return f, r.Scan(&e.ID, &e.USCC, db.JSON[i18n.Text]{V: &e.Name}, &e.LegalRepresentative, &e.Industry, &e.Region, &e.Address, &e.RegisteredOn, &e.Capital,
			&e.Phone, &e.Email, &e.Version, &f.CommissionerID, db.JSON[i18n.Text]{V: &f.CommissionerName}, db.Time{Time: &f.Since})
	}, `SELECT e.id, e.uscc, e.name, e.legal_representative, e.industry, e.region, e.address, e.registered_on, e.capital_fen, e.phone, e.email, e.version,
			COALESCE(a.account_id, ''), o.name, a.since
		FROM identity_enterprise e LEFT JOIN care_assignment a ON a.enterprise_id = e.id AND a.ended_at = 0 LEFT JOIN identity_account o ON o.id = a.account_id
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("care: firms: %w", err)
	}
	return list, nil
}

// weigh adds what asks for a call: running cases and certificates that end soon.
func (s *Service) weigh(ctx context.Context, actor auth.Actor, list []Firm) error {
	if len(list) == 0 {
		return nil
	}
	now, at, parties := s.Clock.Now(), map[string]*Firm{}, make([]string, len(list))
	for i := range list {
		at[list[i].ID], parties[i] = &list[i], list[i].ID
	}
	cases, err := s.Cases.AttentionOf(ctx, actor, parties)
	if err != nil {
		return err
	}
	today := workday.DateOf(now)
	ending, err := s.Identity.Expiring(ctx, parties, today.String(), today.AddDays(ExpirySoon).String())
	if err != nil {
		return err
	}
	if s.Scores != nil {
		scores, err := s.Scores(ctx, parties)
		if err != nil {
			return err
		}
		for id, n := range scores {
			at[id].Score = n
		}
	}
	for id, a := range cases {
		at[id].Running, at[id].Waiting, at[id].Lights = a.Running, a.Waiting, a.Lights
	}
	for _, c := range ending {
		at[c.HolderID].Expiring = append(at[c.HolderID].Expiring, c)
	}
	return nil
}

// enrich adds who answers for the firm and when something last happened.
func (s *Service) enrich(ctx context.Context, actor auth.Actor, list []Firm) error {
	if len(list) == 0 {
		return nil
	}
	parties := make([]string, len(list))
	for i := range list {
		parties[i] = list[i].ID
	}
	last, err := s.Cases.LastTouched(ctx, actor, parties)
	if err != nil {
		return err
	}
	owners, err := s.owners(ctx, parties)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Last, list[i].Contact = last[list[i].ID], owners[list[i].ID]
	}
	return nil
}

// owners returns the names of the owners among the agents of some firms.
func (s *Service) owners(ctx context.Context, firms []string) (map[string]i18n.Text, error) {
	type row struct {
		firm string
		name i18n.Text
	}
	var args db.Args
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.firm, db.JSON[i18n.Text]{V: &x.name}) },
		`SELECT g.enterprise_id, p.name FROM identity_agent g JOIN identity_account p ON p.id = g.account_id
		WHERE g.ended_at = 0 AND g.level = 'owner' AND g.enterprise_id IN `+db.In(&args, firms), args...)
	if err != nil {
		return nil, fmt.Errorf("care: owners: %w", err)
	}
	out := make(map[string]i18n.Text, len(rows))
	for _, r := range rows {
		out[r.firm] = r.name
	}
	return out, nil
}

// File returns everything about a firm; one that the actor does not look after
// is ErrNotFound. The cases are those that the actor may see.
func (s *Service) File(ctx context.Context, actor auth.Actor, id string, r page.Request) (File, error) {
	var args db.Args
	where := `e.id = ` + args.Add(id) + ` AND ` + visible(&args, actor)
	list, err := s.firms(ctx, where, args...)
	if err != nil {
		return File{}, err
	}
	if len(list) == 0 {
		return File{}, ErrNotFound
	}
	if err := errors.Join(s.weigh(ctx, actor, list), s.enrich(ctx, actor, list)); err != nil {
		return File{}, err
	}
	out := File{Firm: list[0]}
	if out.Agents, err = s.Identity.Agents(ctx, id); err != nil {
		return File{}, fmt.Errorf("care: agents: %w", err)
	}
	for i := range out.Agents {
		a := &out.Agents[i]
		*a = identity.Account{ID: a.ID, Kind: a.Kind, Name: a.Name, Phone: idcode.MaskPhone(a.Phone), State: a.State}
	}
	if out.Figures, err = s.Identity.Figures(ctx, id); err != nil {
		return File{}, fmt.Errorf("care: figures: %w", err)
	}
	if out.Certificates, err = s.Identity.Certificates(ctx, []string{id}); err != nil {
		return File{}, err
	}
	out.Cases, err = s.Cases.List(ctx, actor, cases.Filter{List: cases.ListAll, Party: id, Request: r})
	return out, err
}
