package dossier

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
)

var noon = time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)

// say is a word of a source on a day of November 2026, recorded that many hours after the first.
func say(source Source, origin, value string, day, hour int) Fact {
	return Fact{
		ID: fmt.Sprintf("%s-%s-%s-%02d-%03d", source, origin, value, day, hour), Source: source, Origin: origin, Value: value,
		Since: date(day), AsOf: date(day), RecordedAt: noon.Add(time.Duration(hour) * time.Hour),
	}
}

func date(day int) string { return fmt.Sprintf("2026-11-%02d", day) }

func asked(f Fact) Fact { f.Asked = true; return f }

// took is a decision for a word, on the day.
func took(f Fact, day int, not ...Fact) Decision {
	d := Decision{ID: "d" + f.ID, Value: f.Value, Source: f.Source, Origin: f.Origin, At: noon.Add(time.Duration(24*(day-1)+1) * time.Hour), Day: date(day)}
	for _, n := range not {
		d.Not = append(d.Not, n.said())
	}
	return d
}

func TestResolve(t *testing.T) {
	t.Parallel()
	var (
		reg5, reg9   = say(Registry, "market", "A", 5, 0), say(Registry, "market", "B", 9, 96)
		tax7         = say(Registry, "tax", "C", 7, 48)
		cert6        = say(Certificate, "", "C", 6, 24)
		decl8, decl3 = say(Declared, "", "D", 8, 72), say(Declared, "", "D", 3, 0)
		regAgain     = say(Registry, "tax", "C", 20, 400)
		regNew       = say(Registry, "tax", "E", 20, 400)
		winnerNew    = say(Registry, "market", "F", 20, 400)
	)
	for name, tt := range map[string]struct {
		facts     []Fact
		decisions []Decision
		want      []State
		disputed  bool
	}{
		"nothing":             {},
		"one word is present": {facts: []Fact{reg5}, want: []State{Present}},
		"a newer word of the same source replaces":              {facts: []Fact{reg5, reg9}, want: []State{Past, Present}},
		"an older word that comes late is history":              {facts: []Fact{reg9, reg5}, want: []State{Present, Past}},
		"two verified sources that differ are a conflict":       {facts: []Fact{reg5, cert6}, want: []State{Present, Conflict}, disputed: true},
		"two registers that differ: the newer is shown":         {facts: []Fact{reg5, tax7}, want: []State{Conflict, Present}, disputed: true},
		"two verified sources that agree":                       {facts: []Fact{tax7, cert6}, want: []State{Present, Agrees}},
		"a declared value never replaces a verified one":        {facts: []Fact{reg5, decl8}, want: []State{Present, Waiting}},
		"a declared value from before the register is history":  {facts: []Fact{decl3, reg5}, want: []State{Past, Present}},
		"a request waits even when the register repeats itself": {facts: []Fact{reg5, asked(decl8), say(Registry, "market", "A", 12, 200)}, want: []State{Past, Waiting, Present}},
		"a declared value that is verified later agrees":        {facts: []Fact{say(Declared, "", "A", 3, 0), reg5}, want: []State{Agrees, Present}},
		"declared values alone: the last is present":            {facts: []Fact{decl8, decl3}, want: []State{Present, Past}},
		"a decision ends the conflict":                          {facts: []Fact{reg5, cert6}, decisions: []Decision{took(reg5, 10, cert6)}, want: []State{Present, Rejected}},
		"a decision for the other one":                          {facts: []Fact{reg5, cert6}, decisions: []Decision{took(cert6, 10, reg5)}, want: []State{Rejected, Present}},
		"a rejected word repeated opens nothing":                {facts: []Fact{reg5, tax7, regAgain}, decisions: []Decision{took(reg5, 10, tax7)}, want: []State{Present, Past, Rejected}},
		"a new word after the decision is a new conflict":       {facts: []Fact{reg5, tax7, regNew}, decisions: []Decision{took(reg5, 10, tax7)}, want: []State{Present, Past, Conflict}, disputed: true},
		"the source that was right may change its word":         {facts: []Fact{reg5, tax7, winnerNew}, decisions: []Decision{took(reg5, 10, tax7)}, want: []State{Past, Rejected, Present}},
		"a word for a day before the decision comes too late":   {facts: []Fact{reg5, tax7, say(Certificate, "", "G", 8, 500)}, decisions: []Decision{took(reg5, 10, tax7)}, want: []State{Present, Rejected, Rejected}},
		"a request that was refused":                            {facts: []Fact{reg5, asked(decl8)}, decisions: []Decision{took(reg5, 10, decl8)}, want: []State{Present, Rejected}},
		"a request that was granted":                            {facts: []Fact{reg5, asked(decl8), say(Officer, "", "D", 10, 217)}, decisions: []Decision{took(say(Officer, "", "D", 10, 217), 10, reg5)}, want: []State{Rejected, Agrees, Present}},
		"he may ask again":                                      {facts: []Fact{reg5, asked(say(Declared, "", "D", 12, 300))}, decisions: []Decision{took(reg5, 10, decl8)}, want: []State{Present, Waiting}},
		"the register repeats what was corrected":               {facts: []Fact{say(Registry, "market", "A", 25, 600), say(Officer, "", "D", 10, 217)}, decisions: []Decision{took(say(Officer, "", "D", 10, 217), 10, reg5)}, want: []State{Rejected, Present}},
	} {
		got := Resolve(tt.facts, tt.decisions)
		for i, f := range got {
			if f.State != tt.want[i] {
				t.Errorf("%s: %s from %s as of %s is %s, want %s", name, f.Value, f.Source, f.AsOf, f.State, tt.want[i])
			}
			if f.State == Present && f.Disputed != tt.disputed {
				t.Errorf("%s: disputed %v", name, f.Disputed)
			}
		}
	}
}

// The order in which words arrive is chance: a sheet of last month may be
// imported after that of this month. What stands in the end must not depend on it.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		var words []Fact
		for i := range 2 + r.IntN(8) {
			v := []voice{{Registry, "market"}, {Registry, "tax"}, {Certificate, ""}, {Officer, ""}, {Declared, ""}}[r.IntN(5)]
			f := say(v.source, v.origin, string(rune('A'+r.IntN(3))), 1+(i*3+r.IntN(3))%28, 0)
			f.Asked = v.source == Declared && r.IntN(2) == 0
			words = append(words, f)
		}
		if seen := map[string]bool{}; func() bool {
			for _, w := range words {
				k := fmt.Sprint(w.voice(), w.AsOf)
				if seen[k] {
					return true
				}
				seen[k] = true
			}
			return false
		}() {
			continue // one source said two things for one day: the later recorded one counts
		}
		want := ""
		for range 12 {
			r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			var kept []Fact
			for i, w := range words {
				w.RecordedAt, w.ID = noon.Add(time.Duration(i)*time.Minute), ids.New(noon)
				kept = merge(kept, w)
			}
			got := ""
			for _, f := range Resolve(kept, nil) {
				if f.State == Present {
					got += fmt.Sprint(f.Value, f.Source, f.Origin, f.AsOf, f.Disputed)
				}
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("seed %d: %q and %q of %+v", seed, want, got, words)
			}
		}
	}
}

// Exactly one word is present as soon as there is one, whatever was said and decided.
func TestAtMostOneIsPresent(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 11))
		var words []Fact
		for i := range 1 + r.IntN(9) {
			v := []voice{{Registry, "market"}, {Registry, "tax"}, {Certificate, ""}, {Officer, ""}, {Declared, ""}}[r.IntN(5)]
			f := say(v.source, v.origin, string(rune('A'+r.IntN(3))), 1+r.IntN(28), i)
			f.ID = ids.New(noon)
			words = merge(words, f)
		}
		var decisions []Decision
		if r.IntN(2) == 0 {
			w := words[r.IntN(len(words))]
			if w.Source.Verified() {
				decisions = append(decisions, took(w, 1+r.IntN(28), words[r.IntN(len(words))]))
			}
		}
		present := 0
		for _, f := range Resolve(words, decisions) {
			if f.State == Present {
				present++
			}
		}
		if present > 1 || present == 0 && len(decisions) == 0 {
			t.Fatalf("seed %d: %d present of %+v after %+v", seed, present, words, decisions)
		}
	}
}
