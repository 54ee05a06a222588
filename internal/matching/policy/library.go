package policy

import (
	"cmp"
	_ "embed" // what people call things
	"slices"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/catalogue/index"
)

// Library is everything that is published, at one moment. It never changes and may
// be read by many.
type Library struct {
	generation int64
	Issues     []Issue
	Entries    []Entry // those of one document together, in its order
	byDocument map[string]int
	byKey      map[string]int
	index      *index.Index
}

func newLibrary(generation int64, papers []Paper) *Library {
	l := &Library{generation: generation, byDocument: map[string]int{}, byKey: map[string]int{}}
	for _, p := range papers {
		if p.Kind == KindDocument && p.Published.Document != nil {
			l.byDocument[p.Key] = len(l.Issues)
			l.Issues = append(l.Issues, Issue{ID: p.ID, Edition: p.Edition, Document: *p.Published.Document, PublishedAt: p.PublishedAt})
		}
	}
	for _, by := range l.Issues {
		for _, key := range by.Repeals {
			if i, ok := l.byDocument[key]; ok && (l.Issues[i].RepealedOn == "" || by.From < l.Issues[i].RepealedOn) {
				l.Issues[i].RepealedBy, l.Issues[i].RepealedOn = by.Key, by.From
			}
		}
	}
	var docs []index.Doc
	for _, p := range papers {
		at, ok := l.byDocument[p.Document]
		if p.Kind != KindClause || p.Published.Clause == nil || !ok {
			continue // without its document nothing holds
		}
		l.byKey[p.Key] = len(l.Entries)
		e := Entry{ID: p.ID, Edition: p.Edition, Clause: *p.Published.Clause, Document: l.Issues[at], PublishedAt: p.PublishedAt}
		l.Entries = append(l.Entries, e)
		docs = append(docs, searched(e))
	}
	l.index = index.New(docs, lexicon())
	return l
}

// Generation counts up whenever something else is published.
func (l *Library) Generation() int64 { return l.generation }

// Entry is the published clause with a key.
func (l *Library) Entry(key string) (Entry, bool) {
	i, ok := l.byKey[key]
	if !ok {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// Issue is the published document with a key.
func (l *Library) Issue(key string) (Issue, bool) {
	i, ok := l.byDocument[key]
	if !ok {
		return Issue{}, false
	}
	return l.Issues[i], true
}

// Of are the clauses of a document.
func (l *Library) Of(document string) []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Document.Key == document {
			out = append(out, e)
		}
	}
	return out
}

//go:embed synonyms.txt
var synonyms string

// lexicon has the words of the product and those by which people look for policies.
var lexicon = sync.OnceValue(func() *index.Lexicon {
	var groups [][]string
	for line := range strings.Lines(synonyms) {
		if words := strings.Fields(line); len(words) > 1 && !strings.HasPrefix(words[0], "#") {
			groups = append(groups, words)
		}
	}
	return index.NewLexicon(groups)
})

// How much a match in another text of a clause says, against one in its title.
const (
	inSummary  = 0.4
	inDocument = 0.4
	inIssuer   = 0.25
	inText     = 0.15
)

// searched is what the index knows of a clause.
func searched(e Entry) index.Doc {
	doc := index.Doc{Name: e.Title.ZH, English: e.Title.EN, Codes: []string{e.Key, e.Document.Key, e.Document.Number}, Actions: []string{"new"}}
	for _, f := range []index.Field{
		{Text: e.Summary.ZH, Weight: inSummary},
		{Text: e.Summary.EN, Weight: inSummary},
		{Text: e.Document.Title.ZH, Weight: inDocument},
		{Text: e.Document.Title.EN, Weight: inDocument},
		{Text: e.Document.Issuer.ZH, Weight: inIssuer},
		{Text: e.Benefit.Text.ZH, Weight: inText},
		{Text: e.Document.Text.ZH, Weight: inText},
	} {
		if f.Text != "" {
			doc.Fields = append(doc.Fields, f)
		}
	}
	return doc
}

// Filter narrows a list; its zero value lists all that holds or is to come.
type Filter struct {
	Words      string
	Topic      string
	Level      Level
	Kind       BenefitKind
	Way        Way
	Department string
	Document   string
	Open       bool // one can apply today
	Ended      bool // also what no longer holds
}

// Listing is a narrowed list, with the counts that each choice of a part would
// give with the other parts as they are.
type Listing struct {
	Entries []Entry
	Topics  map[string]int
	Levels  map[Level]int
	Kinds   map[BenefitKind]int
	Open    int
}

func (f Filter) passes(e Entry, day, but string) bool {
	if st := e.Document.Standing(day); !f.Ended && (st == Expired || st == Repealed) {
		return false
	}
	if f.Open && but != "open" {
		if _, open := e.Open(day); !open {
			return false
		}
	}
	return (f.Topic == "" || but == "topic" || slices.Contains(e.Topics, f.Topic)) &&
		(f.Level == "" || but == "level" || e.Document.Level == f.Level) &&
		(f.Kind == "" || but == "kind" || e.Benefit.Kind == f.Kind) &&
		(f.Way == "" || e.Way == f.Way) &&
		(f.Department == "" || e.Document.Department == f.Department) &&
		(f.Document == "" || e.Document.Key == f.Document)
}

// List returns what passes a filter on a day: what fits the words best first, else
// what closes soonest, then what is open, what opens next, and what is over.
func (l *Library) List(f Filter, day string) Listing {
	out := Listing{Topics: map[string]int{}, Levels: map[Level]int{}, Kinds: map[BenefitKind]int{}}
	order := make([]int, 0, len(l.Entries))
	if strings.TrimSpace(f.Words) != "" {
		for _, h := range l.index.Search(f.Words, len(l.Entries), nil) {
			order = append(order, h.Doc)
		}
	} else {
		for i := range l.Entries {
			order = append(order, i)
		}
	}
	for _, i := range order {
		e := l.Entries[i]
		if f.passes(e, day, "") {
			out.Entries = append(out.Entries, e)
		}
		if f.passes(e, day, "topic") {
			for _, t := range e.Topics {
				out.Topics[t]++
			}
		}
		if f.passes(e, day, "level") {
			out.Levels[e.Document.Level]++
		}
		if f.passes(e, day, "kind") {
			out.Kinds[e.Benefit.Kind]++
		}
		if _, open := e.Open(day); open && f.passes(e, day, "open") {
			out.Open++
		}
	}
	if strings.TrimSpace(f.Words) == "" {
		rank := make(map[string]string, len(out.Entries))
		for _, e := range out.Entries {
			rank[e.Key] = urgency(e, day)
		}
		slices.SortStableFunc(out.Entries, func(a, b Entry) int { return cmp.Compare(rank[a.Key], rank[b.Key]) })
	}
	return out
}

// urgency sorts clauses by what somebody has to do about them.
func urgency(e Entry, day string) string {
	until, open := e.Open(day)
	next, comes := e.Next(day)
	switch {
	case open && len(e.Windows) > 0 && until != "":
		return "0" + until
	case open:
		return "1"
	case comes:
		return "2" + next.From
	}
	return "3"
}
