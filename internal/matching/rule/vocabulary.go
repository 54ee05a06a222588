package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Kind of a fact.
type Kind string

// Kinds of facts, and what can be asked of them.
const (
	Number Kind = "number" // compared, added, divided
	Day    Kind = "day"    // compared with days; the days since one
	Code   Kind = "code"   // in a tree, where a branch is a beginning: industry.under("C26")
	Choice Kind = "choice" // one of a list: form == "a", form in ["a", "b"]
	Set    Kind = "set"    // some of a list: "a" in qualifications
	Flag   Kind = "flag"   // yes or no
)

// Fact is a word of the vocabulary.
type Fact struct {
	Key     string
	Kind    Kind
	Years   int      // of a yearly number: how many years back it is known; revenue(-1) is last year's
	Width   int      // of a code: its longest form, up to 9 letters and figures
	Members []string // of a choice or set
	Fixed   bool     // nobody can bring it about
	Retired bool     // was a word once; rules that use it are refused
}

// Vocabulary is the words of rules, with the columns that they stand in.
type Vocabulary struct {
	facts  []Fact
	byKey  map[string]int
	first  []int // column of each fact; that of a yearly one is last year's
	schema engine.Schema
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// reserved are words that mean something else.
var reserved = []string{"today", "day", "years_ago", "years_since", "growth", "in", "true", "false", "null"}

// NewVocabulary checks the facts and gives each its columns.
func NewVocabulary(facts []Fact) (*Vocabulary, error) {
	v := &Vocabulary{facts: slices.Clone(facts), byKey: map[string]int{}}
	for i, f := range v.facts {
		_, twice := v.byKey[f.Key]
		switch {
		case !word.MatchString(f.Key) || slices.Contains(reserved, f.Key):
			return nil, fmt.Errorf("rule: %q is no word", f.Key)
		case twice:
			return nil, fmt.Errorf("rule: %s stands twice", f.Key)
		case f.Years < 0 || f.Years > 9 || f.Years > 0 && f.Kind != Number:
			return nil, fmt.Errorf("rule: %s: only numbers have years, nine at most", f.Key)
		case f.Kind == Code && (f.Width < 1 || f.Width > 9), f.Kind == Set && len(f.Members) > 64, (f.Kind == Set || f.Kind == Choice) && len(f.Members) == 0:
			return nil, fmt.Errorf("rule: %s: a code has 1 to 9 places, a set up to 64 members", f.Key)
		}
		v.byKey[f.Key] = i
		v.first = append(v.first, len(v.schema.Attrs))
		for year := range max(1, f.Years) {
			a := engine.Attr{Key: f.Key, Fixed: f.Fixed}
			if f.Years > 0 {
				a.Key = fmt.Sprintf("%s(%d)", f.Key, -year-1)
			}
			switch f.Kind {
			case Code, Choice:
				a.Kind = engine.Code
			case Set:
				a.Kind, a.Members = engine.Set, len(f.Members)
			case Flag:
				a.Kind, a.Members = engine.Set, 1
			case Number, Day:
			default:
				return nil, fmt.Errorf("rule: %s: %q is no kind", f.Key, f.Kind)
			}
			v.schema.Attrs = append(v.schema.Attrs, a)
		}
	}
	return v, nil
}

// Schema are the columns of a table that has these facts.
func (v *Vocabulary) Schema() engine.Schema { return v.schema }

// Facts are the words.
func (v *Vocabulary) Facts() []Fact { return slices.Clone(v.facts) }

// Column is where a fact stands, of a yearly one that of so many years back, 1 to Years.
func (v *Vocabulary) Column(key string, back int) (int, bool) {
	i, ok := v.byKey[key]
	if !ok || back < min(1, v.facts[i].Years) || back > v.facts[i].Years {
		return 0, false
	}
	return v.first[i] + max(0, back-1), true
}

// codeBase is how many letters a place of a code may have: none, figures, letters.
const codeBase = 37

// EncodeCode makes a number of a code, such that the codes below a branch are a
// range. Codes are made of figures and capital letters.
func EncodeCode(code string, width int) (int64, error) {
	lo, _, err := branch(code, width)
	return lo, err
}

// branch is the range of the codes that begin with a prefix.
func branch(prefix string, width int) (lo, hi int64, err error) {
	if len(prefix) > width {
		return 0, 0, fmt.Errorf("rule: code %q is longer than %d", prefix, width)
	}
	step := int64(1)
	for range width - len(prefix) {
		step *= codeBase
	}
	for _, c := range []byte(prefix) {
		n := int64(0)
		switch {
		case c >= '0' && c <= '9':
			n = int64(c-'0') + 1
		case c >= 'A' && c <= 'Z':
			n = int64(c-'A') + 11
		default:
			return 0, 0, fmt.Errorf("rule: code %q has more than figures and capital letters", prefix)
		}
		lo = lo*codeBase + n
	}
	return lo * step, (lo + 1) * step, nil
}

// decodeCode is the code of a number.
func decodeCode(n int64) string {
	var out []byte
	for ; n > 0; n /= codeBase {
		switch d := byte(n % codeBase); { //nolint:gosec // below 37
		case d == 0:
		case d <= 10:
			out = append(out, '0'+d-1)
		default:
			out = append(out, 'A'+d-11)
		}
	}
	slices.Reverse(out)
	return string(out)
}

// DayOf counts days since 1970.
func DayOf(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// dayTime is the beginning of a day.
func dayTime(day int64) time.Time { return time.Unix(day*86400, 0).UTC() }

// ParseDay reads 2026-11-21.
func ParseDay(s string) (int64, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return 0, fmt.Errorf("rule: %q is no day", s)
	}
	return DayOf(t), nil
}

// yearsBefore is the day n years before another; the last of February where there is no 29th.
func yearsBefore(day int64, n int) int64 {
	t := dayTime(day)
	back := time.Date(t.Year()-n, t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	if back.Month() != t.Month() {
		back = time.Date(t.Year()-n, t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return DayOf(back)
}

// yearsBetween counts whole years.
func yearsBetween(from, to int64) int64 {
	n := int64(dayTime(to).Year() - dayTime(from).Year())
	if from > yearsBefore(to, int(n)) {
		n--
	}
	return n
}
