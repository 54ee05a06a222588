package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Hint is something about the library that somebody should look at.
type Hint struct {
	Code  string // see HintCodes; the text is policy.hint.<code>
	Kind  Kind
	Key   string
	Other string // another clause or document, an item, a fund
	Day   string // ISO date
	N     int    // firms
}

// Codes of hints, the most pressing first.
const (
	HintRule      = "rule"      // it can no longer be reckoned
	HintItem      = "item"      // what receives applications is not on offer
	HintFund      = "fund"      // nobody pays from it any more
	HintNobody    = "nobody"    // fits no firm
	HintEverybody = "everybody" // fits every firm
	HintTwice     = "twice"     // two clauses take over the same cost, and a firm could have both
	HintEnding    = "ending_30" // the document ends within 30 days
	HintEnding60  = "ending_60" // within 60
	HintOver      = "over"      // the last window is over, though the document holds
	HintNamed     = "named"     // it names what no longer holds
	HintGone      = "gone"      // it repeals a document that is not here
	HintWaiting   = "waiting"   // proposed, and nobody has looked at it
)

// HintCodes lists them all.
var HintCodes = []string{HintRule, HintItem, HintFund, HintNobody, HintEverybody, HintTwice, HintEnding, HintEnding60, HintOver, HintNamed, HintGone, HintWaiting}

// Hints looks the library over, for what the actor keeps.
func (s *Service) Hints(ctx context.Context, actor auth.Actor) ([]Hint, error) {
	papers, err := s.Papers(ctx, actor)
	if err != nil {
		return nil, err
	}
	l, err := s.Library(ctx)
	if err != nil {
		return nil, err
	}
	known, err := s.known(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: hints: %w", err)
	}
	var fits Fits
	if s.Ports.Fits != nil {
		if fits, err = s.Ports.Fits(ctx); err != nil {
			return nil, fmt.Errorf("policy: hints: %w", err)
		}
	}
	known.Item = func(code string) bool {
		_, err := s.Catalogue.Item(code)
		return err == nil && !errors.Is(err, catalogue.ErrSuspended)
	}
	mine := map[string]bool{}
	var out []Hint
	for _, p := range papers {
		if p.Kind == KindDocument {
			mine[p.Key] = true
		}
		if p.Stage == Proposed {
			out = append(out, Hint{Code: HintWaiting, Kind: p.Kind, Key: p.Key})
		}
	}
	out = append(out, hints(l, s.Today(), known, fits)...)
	out = slices.DeleteFunc(out, func(h Hint) bool {
		if h.Kind == KindDocument {
			return !mine[h.Key]
		}
		e, ok := l.Entry(h.Key)
		return ok && !mine[e.Document.Key]
	})
	slices.SortStableFunc(out, func(a, b Hint) int {
		return cmp.Or(slices.Index(HintCodes, a.Code)-slices.Index(HintCodes, b.Code), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Key, b.Key))
	})
	return out, nil
}

// hints looks over what is published.
func hints(l *Library, day string, known Known, fits Fits) []Hint {
	var out []Hint
	for _, x := range l.Issues {
		if x.Standing(day) != InForce {
			continue
		}
		h := Hint{Kind: KindDocument, Key: x.Key, Day: x.Last()}
		switch last := x.Last(); {
		case last == "":
		case last <= addDays(day, 30):
			h.Code = HintEnding
			out = append(out, h)
		case last <= addDays(day, 60):
			h.Code = HintEnding60
			out = append(out, h)
		}
		for _, key := range x.Repeals {
			if _, ok := l.Issue(key); !ok {
				out = append(out, Hint{Code: HintGone, Kind: KindDocument, Key: x.Key, Other: key})
			}
		}
	}
	var live []Entry
	for _, e := range l.Entries {
		if !e.Holds(day) {
			continue
		}
		live = append(live, e)
		out = append(out, e.hints(l, day, known, fits)...)
	}
	return append(out, twice(live, fits)...)
}

// hints of one clause in force.
func (e Entry) hints(l *Library, day string, known Known, fits Fits) []Hint {
	var out []Hint
	add := func(code, other string, n int) {
		out = append(out, Hint{Code: code, Kind: KindClause, Key: e.Key, Other: other, N: n})
	}
	if e.Matched() {
		if _, err := facts.Vocabulary().Compile(e.Rule, e.Zero); err != nil {
			add(HintRule, "", 0)
		} else if fits != nil {
			switch n, ok := fits.Fit(e.Key); {
			case ok && n == 0:
				add(HintNobody, "", 0)
			case ok && n == fits.Firms():
				add(HintEverybody, "", n)
			}
		}
	}
	if e.Item != "" && !known.Item(e.Item) {
		add(HintItem, e.Item, 0)
	}
	if e.Benefit.Fund != "" && !known.Fund(e.Benefit.Fund) {
		add(HintFund, e.Benefit.Fund, 0)
	}
	if _, open := e.Open(day); !open && len(e.Windows) > 0 {
		if _, comes := e.Next(day); !comes {
			add(HintOver, "", 0)
		}
	}
	for _, key := range e.Excludes {
		o, ok := l.Entry(key)
		if st := o.Document.Standing(day); !ok || st == Expired || st == Repealed {
			add(HintNamed, key, 0)
		}
	}
	return out
}

// twice are the pairs of clauses that take over the same cost without saying that
// they cannot be had besides each other. Tax is relief beside support by its
// nature, and the clauses of one package are meant to go together. With counts,
// pairs that no firm fits are left out: such as those for firms of unlike size.
func twice(live []Entry, fits Fits) []Hint {
	var out []Hint
	for i, a := range live {
		if a.Benefit.Covers == "" || a.Benefit.Kind == Tax {
			continue
		}
		for _, b := range live[i+1:] {
			if b.Benefit.Covers != a.Benefit.Covers || b.Benefit.Kind == Tax || Exclude(a, b) || a.Package != "" && a.Package == b.Package {
				continue
			}
			h := Hint{Code: HintTwice, Kind: KindClause, Key: a.Key, Other: b.Key}
			if fits != nil {
				n, ok := fits.Both(a.Key, b.Key)
				if ok && n == 0 {
					continue
				}
				h.N = n
			}
			out = append(out, h)
		}
	}
	return out
}
