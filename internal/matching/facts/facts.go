package facts

import (
	"slices"
	"strconv"
	"sync"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
)

// Years is how many closed years rules can look back.
const Years = 4

// noEnd is the day on which ends what has no end: 9999-12-31.
var noEnd, _ = rule.ParseDay("9999-12-31")

// until ends the word for the day on which a certificate ends.
const until = "_until"

// fixed are facts that nobody can bring about, or should.
var fixed = []string{"registered_on", "industry", "region", "resident", "prohibited", "incident_on", "abnormal", "niche_since"}

// Word is one fact as rules know it.
type Word struct {
	rule.Fact
	Def         *dossier.Def
	Certificate string // the type whose end it is, "" for others
	Name        i18n.Text
	Money       bool
	column      int // the first
}

// Facts are the words of rules.
type Facts struct {
	Rules *rule.Vocabulary
	words []Word
	byKey map[string]int
}

var published = sync.OnceValue(func() *Facts {
	f, err := New(dossier.Published())
	if err != nil {
		panic(err) // made of a file of the program that a test reads
	}
	return f
})

// Published are the words of this program.
func Published() *Facts { return published() }

// Vocabulary is the language of rules of this program.
func Vocabulary() *rule.Vocabulary { return published().Rules }

var kinds = map[dossier.Type]rule.Kind{
	dossier.Money: rule.Number, dossier.Count: rule.Number, dossier.Date: rule.Day, dossier.Code: rule.Code, dossier.Flag: rule.Flag, dossier.Set: rule.Set,
}

// New makes words of a vocabulary of files.
func New(v *dossier.Vocabulary) (*Facts, error) {
	f := &Facts{byKey: map[string]int{}}
	for _, d := range v.Facts {
		w := Word{Fact: rule.Fact{Key: d.Key, Kind: kinds[d.Type], Fixed: slices.Contains(fixed, d.Key)}, Def: d, Name: d.Name, Money: d.Type == dossier.Money}
		switch {
		case d.By(dossier.Computed), d.Type == dossier.Text, d.Type == dossier.Ratio, d.Type == dossier.List && len(d.Certificates) == 0:
			continue
		case d.Type == dossier.List:
			w.Kind, w.Members = rule.Set, d.Certificates
		case d.Type == dossier.Set:
			for _, o := range d.Options {
				w.Members = append(w.Members, o.Key)
			}
		case d.Type == dossier.Code:
			w.Width = map[string]int{"industry": 5, "region": 6}[d.Codes]
		}
		if d.Yearly {
			w.Years = Years
		}
		f.add(w)
		if d.Type == dossier.List {
			for _, c := range d.Certificates {
				f.add(Word{Fact: rule.Fact{Key: c + until, Kind: rule.Day}, Def: d, Certificate: c, Name: d.Name})
			}
		}
	}
	list := make([]rule.Fact, len(f.words))
	for i, w := range f.words {
		list[i] = w.Fact
	}
	var err error
	if f.Rules, err = rule.NewVocabulary(list); err != nil {
		return nil, err
	}
	for i := range f.words {
		w := &f.words[i]
		w.column, _ = f.Rules.Column(w.Key, min(1, w.Years))
	}
	return f, nil
}

func (f *Facts) add(w Word) {
	f.byKey[w.Key] = len(f.words)
	f.words = append(f.words, w)
}

// Words are all words, in the order of the vocabulary.
func (f *Facts) Words() []Word { return slices.Clone(f.words) }

// Word returns the one with the key.
func (f *Facts) Word(key string) (Word, bool) {
	i, ok := f.byKey[key]
	if !ok {
		return Word{}, false
	}
	return f.words[i], true
}

// Row is what the engine reads of a firm on a day, ISO.
func (f *Facts) Row(firm *dossier.Firm, today string) []engine.Value {
	row := make([]engine.Value, len(f.Rules.Schema().Attrs))
	year, _ := strconv.Atoi(today[:4])
	for i := range f.words {
		w := &f.words[i]
		for back := range max(1, w.Years) {
			of := 0
			if w.Years > 0 {
				of = year - back - 1
			}
			row[w.column+back] = w.value(firm.Fact(w.Def.Key, of), today)
		}
	}
	return row
}

// Moves says that the facts of a firm are others on one day than on another, though
// nothing was said: its certificates begin or end, or another year was closed.
func (f *Facts) Moves(firm *dossier.Firm, from, to string) bool {
	if from[:4] != to[:4] {
		return true
	}
	for i := range firm.Facts {
		x := &firm.Facts[i]
		if w, ok := f.Word(x.Key); !ok || w.Def.Type != dossier.List {
			continue
		}
		for _, item := range dossier.Items(x.Value) {
			if item.Valid(from) != item.Valid(to) {
				return true
			}
		}
	}
	return false
}

// value is what a fact says to rules.
func (w *Word) value(x *dossier.Fact, today string) engine.Value {
	switch {
	case x == nil && w.Certificate != "":
		return w.none()
	case x == nil && w.Def.Absent == "none":
		return w.none()
	case x == nil || x.Disputed:
		return engine.Value{State: engine.Missing}
	case w.Certificate != "":
		return Ends(x.Value, w.Certificate, today)
	}
	if v, ok := w.read(x.Value, today); ok {
		return v
	}
	return engine.Value{State: engine.Missing}
}

// none is the value of what there is none of.
func (w *Word) none() engine.Value {
	switch w.Kind {
	case rule.Day, rule.Code, rule.Choice:
		return engine.Value{State: engine.NotApplicable}
	}
	return engine.Of(0)
}

// Ends is the last day on which a firm holds a certificate of a type, of a list of
// those that it has.
func Ends(list, certificate, today string) engine.Value {
	last := engine.Value{State: engine.NotApplicable}
	for _, i := range dossier.Items(list) {
		if i.Kind != certificate || !i.Valid(today) {
			continue
		}
		day, err := rule.ParseDay(i.To)
		if i.To == "" || err != nil {
			return engine.Of(noEnd)
		}
		if last.State != engine.Known || day > last.N {
			last = engine.Of(day)
		}
	}
	return last
}

// Value reads what somebody typed for a word, such as in a check of one's own:
// canonical text as a file has it; "" is missing.
func (f *Facts) Value(key, text, today string) engine.Value {
	w, ok := f.Word(key)
	if !ok || text == "" {
		return engine.Value{State: engine.Missing}
	}
	v, ok := w.read(text, today)
	if !ok {
		return engine.Value{State: engine.Missing}
	}
	return v
}

// Absent is the value of a word of which there is none.
func (f *Facts) Absent(key string) engine.Value {
	w, ok := f.Word(key)
	if !ok {
		return engine.Value{State: engine.Missing}
	}
	return w.none()
}

// read is the value of the canonical text of a fact.
func (w *Word) read(text, today string) (engine.Value, bool) {
	switch w.Def.Type {
	case dossier.Money:
		n, err := strconv.ParseInt(text, 10, 64)
		return bounded(floorDiv(n, 100)), err == nil
	case dossier.Count:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n > engine.MaxValue || n < -engine.MaxValue {
			return engine.Value{}, false
		}
		whole := int64(n)
		if float64(whole) > n {
			whole--
		}
		return engine.Of(whole), true
	case dossier.Date:
		n, err := rule.ParseDay(text)
		return engine.Of(n), err == nil
	case dossier.Code:
		n, err := rule.EncodeCode(text, w.Width)
		return engine.Of(n), err == nil
	case dossier.Flag:
		return engine.Of(map[bool]int64{true: 1}[text == "yes" || text == "true"]), true
	case dossier.Set, dossier.List:
		bits := int64(0)
		for i, m := range w.Members {
			if w.Def.Type == dossier.Set && slices.Contains(dossier.Members(text), m) || w.Def.Type == dossier.List && slices.ContainsFunc(dossier.Items(text), func(x dossier.Item) bool { return x.Kind == m && x.Valid(today) }) {
				bits |= 1 << i
			}
		}
		return engine.Of(bits), true
	}
	return engine.Value{}, false
}

func bounded(n int64) engine.Value { return engine.Of(max(-engine.MaxValue, min(engine.MaxValue, n))) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
