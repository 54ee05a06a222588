package app

import (
	"context"

	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/policy"
)

// policyPorts lets the library ask its neighbours. Who matches is made after it.
func (m *Modules) policyPorts() policy.Ports {
	return policy.Ports{Funds: m.Budget.Names, Fits: func(ctx context.Context) (policy.Fits, error) {
		v, err := m.Matching.View(ctx)
		return fits{v}, err
	}}
}

// fits counts the firms that fit clauses.
type fits struct{ view *matching.View }

// Firms is how many there are.
func (f fits) Firms() int { return f.view.Firms() }

// Fit is how many firms fit a clause. With facts missing nobody can say that none does.
func (f fits) Fit(key string) (int, bool) {
	key = matching.ClausePrefix + key
	if !f.view.Has(key) {
		return 0, false
	}
	yes, open := f.view.Count(key)
	return yes, yes > 0 || open == 0
}

// Both is how many firms fit two clauses; not known when one of them is not matched.
func (f fits) Both(a, b string) (int, bool) {
	a, b = matching.ClausePrefix+a, matching.ClausePrefix+b
	if !f.view.Has(a) || !f.view.Has(b) {
		return 0, false
	}
	return f.view.Both(a, b), true
}
