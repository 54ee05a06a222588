package rule

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
)

// Fault is something wrong with a rule, at its place in the text. Lines and
// columns count from one; columns count characters.
type Fault struct {
	Line, Column int
	Problem      string // see Problems
	Detail       string // the word of the text that it is about, "" for none
	Near         string // the word that was meant, as far as can be told
}

// Kinds of faults. What the parser and the checker of types say is put into those
// that people make, so that everybody reads in his language what to write instead.
const (
	TooLong   = "too_long"   // more than MaxLength, or brackets in brackets without end
	Syntax    = "syntax"     // is no expression, for no reason that has a kind of its own
	Wide      = "wide"       // a sign of a Chinese keyboard, or a Chinese word outside quotes
	OneEquals = "one_equals" // = for ==
	Joined    = "joined"     // and, or, a single & or | for && and ||
	Percent   = "percent"    // 3% for 0.03
	Grouped   = "grouped"    // 20,000 for 20000
	Quotes    = "quotes"     // quotes that are not closed
	Brackets  = "brackets"   // a bracket that is not closed, or one too many
	Ends      = "ends"       // ends in the middle
	Digits    = "digits"     // a number that is too long
	Unknown   = "unknown"    // there is no such word
	Meant     = "meant"      // there is no such word, but Near
	Yearly    = "yearly"     // a fact of a year without its year
	Unlike    = "unlike"     // Detail, an operator, between what cannot stand with it
	Use       = "use"        // Detail, a function, with what it cannot be asked about
	Loop      = "loop"       // there are no loops
	Types     = "types"      // does not go together, for no reason that has a kind of its own
	NoTruth   = "no_truth"   // is no condition
	Zero      = "zero"       // divides, and does not say what a division by zero means
	Years     = "years"      // a year that is not known: Detail is the word
	Retired   = "retired"    // a word that is no longer known
	NoCode    = "no_code"    // no beginning of a code
	NoWord    = "no_word"    // not among the members of a list
	NoDay     = "no_day"     // no day
	Costly    = "costly"     // too much to reckon
	NoSum     = "no_sum"     // of an amount: is no sum of numbers
)

// Problems are all kinds of faults.
var Problems = []string{
	TooLong, Syntax, Wide, OneEquals, Joined, Percent, Grouped, Quotes, Brackets, Ends, Digits, Unknown, Meant, Yearly, Unlike, Use, Loop, Types,
	NoTruth, Zero, Years, Retired, NoCode, NoWord, NoDay, Costly, NoSum,
}

// text of a rule by lines of characters.
type lines [][]rune

func linesOf(source string) (out lines) {
	for l := range strings.SplitSeq(source, "\n") {
		out = append(out, []rune(l))
	}
	return out
}

// at is the rest of a line from a place on, and what stands before it.
func (l lines) at(line, column int) (before, rest string) {
	if line < 1 || line > len(l) {
		return "", ""
	}
	r := l[line-1]
	i := min(max(0, column-1), len(r))
	return string(r[:i]), string(r[i:])
}

var (
	wordStart   = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*`)
	wordEnd     = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*$`)
	percentSign = regexp.MustCompile(`[0-9]\s*[%％]`)
	digitEnd    = regexp.MustCompile(`[0-9]$`)
	threeDigits = regexp.MustCompile(`^[,，][0-9]{3}`)
	noOverload  = regexp.MustCompile(`^found no matching overload for '([^']+)'`)
	undeclared  = regexp.MustCompile(`^undeclared reference to '([^']*)'(?: \(did you mean '([^']+)'\?\))?`)
)

// unread are the faults of a text that is no expression. Only the first counts:
// after it the parser guesses.
func (v *Vocabulary) unread(source string, iss *cel.Issues) Faults {
	e := iss.Errors()[0]
	f := Fault{Line: max(1, e.Location.Line()), Column: max(1, e.Location.Column()+1), Problem: Syntax}
	if key, ok := strings.CutPrefix(e.Message, yearsMessage); ok {
		f.Problem, f.Detail = Years, key
		return Faults{f}
	}
	text := linesOf(source)
	before, rest := text.at(f.Line, f.Column)
	line := before + rest
	first, _ := firstOf(rest)
	word := wordStart.FindString(rest)
	switch {
	case strings.Contains(e.Message, "recursion limit"):
		return Faults{{1, 1, TooLong, "", ""}}
	case strings.Contains(e.Message, "invalid int literal"), strings.Contains(e.Message, "invalid double literal"), strings.Contains(e.Message, "invalid uint literal"):
		f.Problem = Digits
	case percentSign.MatchString(line) && (f.Column > len([]rune(line)) || strings.ContainsRune("%％", first) || strings.ContainsRune(before, '%')):
		f.Problem, f.Column = Percent, 1+len([]rune(line[:percentSign.FindStringIndex(line)[0]]))
		f.Detail = numberAt(line, percentSign.FindStringIndex(line)[0])
	case threeDigits.MatchString(rest) && digitEnd.MatchString(before):
		f.Problem = Grouped
	case first == '"' || first == '\'':
		f.Problem = Quotes
	case first > unicode.MaxLatin1:
		if f.Problem, f.Detail = Wide, word; word == "" {
			f.Detail = string(first)
		}
	case first == '=':
		f.Problem = OneEquals
	case first == '&' || first == '|' || slices.Contains([]string{"and", "or", "not"}, strings.ToLower(word)):
		if f.Problem, f.Detail = Joined, word; word == "" {
			f.Detail = string(first)
		}
	case strings.Contains(e.Message, "missing ')'"), strings.Contains(e.Message, "missing ']'"), first == ')', first == ']':
		f.Problem = Brackets
	case first == 0:
		f.Problem = Ends
	default:
		if f.Detail = word; word == "" {
			f.Detail = string(first)
		}
	}
	return Faults{f}
}

func firstOf(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

// numberAt is the number whose last digit stands at a byte of a line.
func numberAt(line string, last int) string {
	start := last
	for start > 0 && (line[start-1] == '.' || line[start-1] >= '0' && line[start-1] <= '9') {
		start--
	}
	return line[start : last+1]
}

// loops are the words of CEL that run over lists; rules have none of them.
var loops = []string{"all", "exists", "exists_one", "map", "filter", "has"}

// unfit are the faults of an expression whose parts do not go together.
func (v *Vocabulary) unfit(source string, iss *cel.Issues) Faults {
	var out Faults
	text := linesOf(source)
	for _, e := range iss.Errors() {
		f := Fault{Line: max(1, e.Location.Line()), Column: max(1, e.Location.Column()+1), Problem: Types}
		if m := undeclared.FindStringSubmatch(e.Message); m != nil {
			v.unknown(&f, m[1], m[2], text)
		} else if m := noOverload.FindStringSubmatch(e.Message); m != nil {
			f.Detail = operator(m[1])
			if f.Problem = Unlike; wordStart.MatchString(f.Detail) && f.Detail != "in" {
				f.Problem = Use
			}
		}
		out = append(out, f)
		if f.Problem == Loop {
			break // the names of the loop are unknown, too
		}
	}
	return out
}

// unknown says of a word that is none what may have been meant.
func (v *Vocabulary) unknown(f *Fault, word, near string, text lines) {
	f.Problem, f.Detail, f.Near = Unknown, word, ""
	// The checker points at the bracket of a call, not at its name.
	if before, rest := text.at(f.Line, f.Column); strings.HasPrefix(rest, "(") && strings.HasSuffix(before, word) && wordEnd.MatchString(before) {
		f.Column -= len([]rune(word))
	}
	i, known := v.byKey[word]
	switch {
	case slices.Contains(loops, word):
		f.Problem = Loop
	case known && v.facts[i].Years > 0:
		f.Problem = Yearly
	case slices.Contains(reserved, word):
		f.Problem = Use
	default:
		if near == "" {
			near = v.near(word)
		}
		if near != "" {
			f.Problem, f.Near = Meant, near
		}
	}
}

// near is the word of the vocabulary that differs from another by the least, at
// most by a third of it.
func (v *Vocabulary) near(word string) (found string) {
	least := len([]rune(word))/3 + 1
	for _, f := range v.facts {
		if f.Retired {
			continue
		}
		if d := edits(strings.ToLower(word), f.Key); d < least {
			least, found = d, f.Key
		}
	}
	return found
}

// edits is how many letters have to be put in, left out or changed to make b of a
// (Levenshtein 1966).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// operator as people write what the checker calls _>=_ or @in.
func operator(name string) string { return strings.Trim(name, "_@") }
