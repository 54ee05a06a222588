package policyweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type clausePage struct {
	Entry      policy.Entry
	Today      string
	Department i18n.Text
	Phone      string
	Item       *catalogue.Item // nil when it is not on offer now
	Excludes   []policy.Entry
	Package    []policy.Entry // the others of one combined incentive
	Editions   []policy.Edition
	Saved      saved
}

// clause shows what one clause gives, to whom, and how to get it.
func (p *Pages) clause(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	e, ok := l.Entry(r.PathValue("key"))
	if !ok {
		return httpx.ErrNotFound
	}
	office := p.Identity.Directory().Department(e.Document.Department)
	d := clausePage{Entry: e, Today: p.Service.Today(), Department: office.Name, Phone: office.Phone}
	if e.Item != "" {
		if it, err := p.Catalogue.Item(e.Item); err == nil {
			d.Item = it
		}
	}
	for _, o := range l.Entries {
		if o.Key != e.Key && policy.Exclude(e, o) {
			d.Excludes = append(d.Excludes, o)
		}
		if o.Key != e.Key && e.Package != "" && o.Package == e.Package && o.Document.Standing(d.Today) == policy.InForce {
			d.Package = append(d.Package, o)
		}
	}
	if d.Editions, err = p.Service.Editions(ctx, e.ID); err != nil {
		return err
	}
	if d.Saved, err = p.savedBy(ctx, auth.From(ctx)); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, clauseView(d))
}

// applyPath leads to the item of a clause. Of somebody who may apply it is noted
// from which clause he comes.
func (by saved) applyPath(e policy.Entry) string {
	if by.Person {
		return push.ApplyPath(e.Key)
	}
	return "/items/" + e.Item
}

// whom says who fits; ok is false when that is nobody in particular.
func whom(ctx context.Context, c policy.Clause) (said facts.Phrase, ok bool) {
	if !c.Matched() {
		return said, false
	}
	r, err := facts.Vocabulary().Compile(c.Rule, c.Zero)
	if err != nil {
		return said, false // a word of it was retired since: the check-up tells
	}
	return facts.Published().Say(ctx, r.Tree()), true
}

type documentPage struct {
	Issue      policy.Issue
	Entries    []policy.Entry
	Today      string
	Department i18n.Text
	RepealedBy *policy.Issue
	Repeals    []policy.Issue
}

// document shows a document with its clauses.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Service.Library(r.Context())
	if err != nil {
		return err
	}
	x, ok := l.Issue(r.PathValue("document"))
	if !ok {
		return httpx.ErrNotFound
	}
	d := documentPage{Issue: x, Entries: l.Of(x.Key), Today: p.Service.Today(), Department: p.Identity.Directory().Department(x.Department).Name}
	if by, ok := l.Issue(x.RepealedBy); ok {
		d.RepealedBy = &by
	}
	for _, key := range x.Repeals {
		if o, ok := l.Issue(key); ok {
			d.Repeals = append(d.Repeals, o)
		}
	}
	return view.Render(w, r, http.StatusOK, documentView(d))
}
