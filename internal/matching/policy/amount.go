package policy

import (
	"regexp"
	"strconv"
	"strings"
)

// Term is a summand of what a rate is taken of: a money fact of so many years
// back, 0 for one that is not yearly.
type Term struct {
	Key   string
	Back  int
	Minus bool
}

var term = regexp.MustCompile(`^([a-z][a-z0-9_]{0,39})(?:\(-([1-9])\))?`)

// Terms reads the Of of a benefit: money facts with plus and minus between them.
func Terms(of string) ([]Term, bool) {
	s := strings.Join(strings.Fields(of), "")
	var out []Term
	for s != "" {
		t := Term{}
		switch {
		case s[0] == '-':
			t.Minus, s = true, s[1:]
		case s[0] == '+':
			s = s[1:]
		case len(out) > 0:
			return nil, false
		}
		m := term.FindStringSubmatch(s)
		if m == nil {
			return nil, false
		}
		t.Key = m[1]
		t.Back, _ = strconv.Atoi(m[2])
		out, s = append(out, t), s[len(m[0]):]
	}
	return out, len(out) > 0 && len(out) <= 12
}
