package tier

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// RiskDays is how far ahead the end of a certificate puts a rung at risk.
const RiskDays = 90

// Cohort is a list of firms by how they stand to a rung.
type Cohort string

// Cohorts.
const (
	Holding Cohort = "held"  // have the certificate
	Ready   Cohort = "ready" // meet the rule and have no certificate
	Near    Cohort = "near"  // do not meet the rule by one condition alone
	Open    Cohort = "open"  // cannot be answered: facts are missing, or experts have not spoken
	AtRisk  Cohort = "risk"  // have the certificate, which ends soon or whose rule is not met any more
)

// Cohorts lists them all.
var Cohorts = []Cohort{Holding, Ready, Near, Open, AtRisk}

// where is the cohort as a condition on a standing t.
func (c Cohort) where(args *db.Args, today string) string {
	switch c {
	case Holding:
		return `t.held_until <> ''`
	case Ready:
		return `t.held_until = '' AND t.answer = 2`
	case Near:
		return `t.held_until = '' AND t.answer = 0 AND t.near`
	case Open:
		return `t.held_until = '' AND t.answer = 1`
	case AtRisk:
		return `t.held_until <> '' AND (t.held_until <= ` + args.Add(later(today, RiskDays)) + ` OR t.answer = 0)`
	}
	return `1=0`
}

func later(day string, days int) string {
	d, err := workday.Parse(day)
	if err != nil {
		panic(err) // the clock writes it
	}
	return d.AddDays(days).String()
}

// Counts are the sizes of the cohorts of a rung.
type Counts struct {
	*Rung
	N map[Cohort]int
}

// Overview counts the cohorts of all rungs among the firms that the actor sees; asOf is
// the day of the latest change, "" when nothing was reckoned yet.
func (s *Service) Overview(ctx context.Context, actor auth.Actor) (out []Counts, err error) {
	if !actor.Has(Readers...) {
		return nil, ErrForbidden
	}
	var args db.Args
	today := s.today()
	columns := make([]string, len(Cohorts))
	for i, c := range Cohorts {
		columns[i] = `SUM(CASE WHEN ` + c.where(&args, today) + ` THEN 1 ELSE 0 END)`
	}
	type row struct {
		rung string
		n    [5]int
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.rung, &x.n[0], &x.n[1], &x.n[2], &x.n[3], &x.n[4])
	}, `SELECT t.rung, `+strings.Join(columns, ", ")+` FROM matching_standing t JOIN (SELECT id, region FROM identity_enterprise) e ON e.id = t.enterprise_id WHERE `+visible(&args, actor)+` GROUP BY t.rung`, args...)
	if err != nil {
		return nil, fmt.Errorf("tier: overview: %w", err)
	}
	for _, l := range s.Tables.Ladders {
		if l.Elsewhere {
			continue
		}
		for _, r := range l.On(today) {
			c := Counts{r, map[Cohort]int{}}
			for _, x := range rows {
				if x.rung == r.Key {
					for i, k := range Cohorts {
						c.N[k] = x.n[i]
					}
				}
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// Member of a cohort.
type Member struct {
	Firm         string
	USCC         string
	Name         i18n.Text
	HeldUntil    string
	Answer       engine.Tri
	Commissioner i18n.Text // zero when nobody looks after the firm
}

func (m Member) cursor() string { return m.HeldUntil + "|" + m.USCC }

// List is a page of a cohort: whose certificate ends first comes first.
func (s *Service) List(ctx context.Context, actor auth.Actor, rung string, c Cohort, r page.Request) (page.Result[Member], error) {
	if !actor.Has(Readers...) {
		return page.Result[Member]{}, ErrForbidden
	}
	if s.Tables.Rung(rung) == nil || !slices.Contains(Cohorts, c) {
		return page.Result[Member]{}, ErrNotFound
	}
	var args db.Args
	where := `t.rung = ` + args.Add(rung) + ` AND ` + c.where(&args, s.today()) + ` AND ` + visible(&args, actor)
	if day, uscc, ok := strings.Cut(r.After, "|"); ok {
		a, b := args.Add(day), args.Add(uscc)
		where += ` AND (t.held_until > ` + a + ` OR t.held_until = ` + a + ` AND e.uscc > ` + b + `)`
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (m Member, err error) {
		return m, r.Scan(&m.Firm, &m.USCC, db.JSON[i18n.Text]{V: &m.Name}, &m.HeldUntil, &m.Answer)
	}, `SELECT e.id, e.uscc, e.name, t.held_until, t.answer FROM matching_standing t JOIN identity_enterprise e ON e.id = t.enterprise_id
		WHERE `+where+` ORDER BY t.held_until, e.uscc LIMIT `+args.Add(r.Limit()+1), args...)
	if err != nil {
		return page.Result[Member]{}, fmt.Errorf("tier: list: %w", err)
	}
	out := page.Cut(list, r.Limit(), Member.cursor)
	firms := make([]string, len(out.Rows))
	for i, m := range out.Rows {
		firms[i] = m.Firm
	}
	if len(firms) == 0 {
		return out, nil
	}
	names, err := s.Commissioners(ctx, firms)
	for i := range out.Rows {
		out.Rows[i].Commissioner = names[out.Rows[i].Firm]
	}
	return out, err
}

// Year is what happened to the certificates of a rung in a year.
type Year struct {
	Year    int
	New     int // firms that got it and did not have it before
	Renewed int // firms that had it before
	Ended   int // firms whose last one ran out
	Held    int // firms that had it at the end of the year, or have it today
}

// Movement is what happened to a rung year by year, the latest first.
type Movement struct {
	*Rung
	Years []Year
}

// yearsShown of a movement.
const yearsShown = 4

// Movement reckons from the register of certificates how firms came and went.
func (s *Service) Movement(ctx context.Context, actor auth.Actor) ([]Movement, error) {
	if !actor.Has(Readers...) {
		return nil, ErrForbidden
	}
	today := s.today()
	year, _ := strconv.Atoi(today[:4])
	of := map[string]*Movement{}
	var out []*Movement
	var types []string
	for _, l := range s.Tables.Ladders {
		for _, r := range l.On(today) {
			if r.Certificate == "" {
				continue
			}
			m := &Movement{Rung: r}
			for i := range yearsShown {
				m.Years = append(m.Years, Year{Year: year - i})
			}
			of[r.Certificate], out, types = m, append(out, m), append(types, r.Certificate)
		}
	}
	list, err := s.issued(ctx, visible, actor, types)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(list); {
		n := i
		for n < len(list) && list[n].firm == list[i].firm && list[n].kind == list[i].kind {
			n++
		}
		m := of[list[i].kind]
		for k := range m.Years {
			m.Years[k].count(list[i:n], today)
		}
		i = n
	}
	plain := make([]Movement, len(out))
	for i, m := range out {
		plain[i] = *m
	}
	return plain, nil
}

// paper is one certificate of a firm.
type paper struct{ firm, kind, from, to string }

// issued are the certificates of firms that the actor sees, those of one firm and
// type together, the oldest first.
func (s *Service) issued(ctx context.Context, seen func(*db.Args, auth.Actor) string, actor auth.Actor, types []string) ([]paper, error) {
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p paper, err error) { return p, r.Scan(&p.firm, &p.kind, &p.from, &p.to) },
		`SELECT c.holder_id, c.type, c.valid_from, c.valid_to FROM identity_certificate c JOIN identity_enterprise e ON e.id = c.holder_id
		WHERE c.type IN `+db.In(&args, types)+` AND c.state = 'valid' AND `+seen(&args, actor)+` ORDER BY c.holder_id, c.type, c.valid_from, c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("tier: certificates: %w", err)
	}
	return list, nil
}

// count adds the papers of one firm, of one type.
func (y *Year) count(list []paper, today string) {
	first, last := fmt.Sprintf("%d-01-01", y.Year), fmt.Sprintf("%d-12-31", y.Year)
	last = min(last, today)
	got, before, holds, ended := false, false, false, false
	for _, p := range list {
		before = before || p.from < first
		got = got || p.from >= first && p.from <= last
		holds = holds || p.from <= last && (p.to == "" || p.to >= last)
		ended = ended || p.to >= first && p.to < last
	}
	switch {
	case got && before:
		y.Renewed++
	case got:
		y.New++
	}
	if holds {
		y.Held++
	} else if ended {
		y.Ended++
	}
}
