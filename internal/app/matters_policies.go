package app

import (
	"context"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/matching/policy"
)

// sampleDrafted is a document on which somebody is at work.
func (a *App) sampleDrafted(ctx context.Context, x demo.PolicyDrafted) error {
	who, err := a.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	if _, err := a.Policies.SaveDocument(ctx, who, x.Document.Document, 0); err != nil {
		return err
	}
	for _, c := range x.Document.Clauses {
		if c, err = c.Amounts(); err != nil {
			return err
		}
		if _, err := a.Policies.SaveClause(ctx, who, x.Document.Key, c, 0); err != nil {
			return err
		}
	}
	return nil
}

// sampleRevised is a changed clause that waits for a second person.
func (a *App) sampleRevised(ctx context.Context, x demo.PolicyRevised) error {
	who, err := a.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	head, err := a.actorByLogin(ctx, x.ProposedBy)
	if err != nil {
		return err
	}
	p, _, err := a.Policies.Paper(ctx, who, policy.KindClause, x.Clause)
	if err != nil {
		return err
	}
	c := *p.Published.Clause
	c.Benefit.Rate = x.Rate
	if p, err = a.Policies.SaveClause(ctx, who, p.Document, c, p.Version); err != nil {
		return err
	}
	return a.Policies.Propose(ctx, head, []policy.Ref{p.Ref()}, x.Reason)
}
