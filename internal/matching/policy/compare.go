package policy

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Change is one part of a paper that reads otherwise.
type Change struct {
	Part     i18n.Text
	Was, Now string
}

// Changes between two bodies of one paper, in the order of a sheet. An empty one is
// as if nothing stood there.
func (s *Service) Changes(was, now Body, l i18n.Locale) []Change {
	kind := KindDocument
	if was.Clause != nil || now.Clause != nil {
		kind = KindClause
	}
	a, b := rowOf(Paper{Kind: kind}, was), rowOf(Paper{Kind: kind}, now)
	var out []Change
	for _, c := range columns {
		if c.key == "document" && kind == KindClause {
			continue
		}
		word := func(key string) string { return s.Texts.Text(l, key) }
		if x, y := c.write(&a, word), c.write(&b, word); x != y {
			out = append(out, Change{c.name, x, y})
		}
	}
	return out
}

// Rights are what the actor may do with the papers of a document.
type Rights struct{ Edit, Propose, Publish bool }

// RightsOn says what the actor may do with the papers of a document.
func RightsOn(actor auth.Actor, document Paper) Rights {
	d := departmentOf(document)
	return Rights{edits(actor, d), proposes(actor, d), Administers(actor)}
}

// Own says whether the actor had a hand in a draft, so that somebody else publishes it.
func Own(actor auth.Actor, p Paper) bool { return own(actor, p) }

// FaultsOf counts what keeps each draft of a document from being proposed, by the
// kind and key of the paper.
func (s *Service) FaultsOf(ctx context.Context, papers []Paper) (map[Ref]int, error) {
	drafts := slices.DeleteFunc(slices.Clone(papers), func(p Paper) bool { return p.Stage == None })
	w, err := s.world(ctx, drafts)
	if err != nil {
		return nil, fmt.Errorf("policy: faults: %w", err)
	}
	out := map[Ref]int{}
	for _, p := range drafts {
		out[Ref{Kind: p.Kind, Key: p.Key}] = countFields(check(p, w))
	}
	return out, nil
}
