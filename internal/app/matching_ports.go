package app

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/db"
)

// offers are what firms are held against: the clauses in force and the rungs of
// the ladders.
type offers struct{ m *Modules }

// Version is another one when something else is published, and when a day brings
// another clause into force.
func (o offers) Version(ctx context.Context) (uint64, error) {
	lib, err := o.m.Policies.Library(ctx)
	if err != nil {
		return 0, err
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(o.day() + " " + strconv.FormatInt(lib.Generation(), 10)))
	return h.Sum64(), nil
}

func (o offers) day() string { return workday.DateOf(o.m.Clock.Now()).String() }

// List is what is in force today.
func (o offers) List(ctx context.Context) ([]matching.Offer, error) {
	entries, err := o.m.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	var out []matching.Offer
	for _, e := range entries {
		if e.Matched() && e.Holds(o.day()) {
			out = append(out, matching.Offer{Key: matching.ClausePrefix + e.Key, Rule: e.Rule, Zero: e.Zero, Benefit: e.Benefit, Mark: strconv.Itoa(e.Edition)})
		}
	}
	rungs, err := tier.Published().Exprs(o.day())
	if err != nil {
		return nil, err
	}
	for _, r := range rungs {
		out = append(out, matching.Offer{Key: r.Key, Made: func(today int64) *engine.Expr {
			if e, ok := r.Rung.Expr(today); ok {
				return e
			}
			return &engine.Expr{Op: engine.Never}
		}})
	}
	return out, nil
}

// refit notes that what is known of a firm is something else.
func (m *Modules) refit(ctx context.Context, e dossier.Changed) error {
	return m.Matching.Note(ctx, e.Firm)
}

// pushPorts are what pushing policies asks of its neighbours.
func (m *Modules) pushPorts() push.Ports {
	return push.Ports{
		Fund: func(ctx context.Context, key string) (push.Fund, bool, error) {
			f, ok, err := m.Budget.Money(ctx, key)
			return push.Fund{Name: f.Name, Total: f.Total, Granted: f.Granted, Left: f.Left()}, ok, err
		},
		Officers: func(ctx context.Context, firms []string) (map[string]i18n.Text, error) {
			return m.Care.Officers(ctx, firms)
		},
		ClauseOf: func(ctx context.Context, award string) (string, bool, error) {
			line, ok := strings.CutPrefix(award, "grant:")
			if !ok {
				return "", false, nil
			}
			return db.Maybe(ctx, m.DB.Read(ctx), db.Scalar[string], `SELECT clause_key FROM matching_grant_line WHERE id=$1`, line)
		},
	}
}
