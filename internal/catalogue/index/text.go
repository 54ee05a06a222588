package index

import (
	"slices"
	"strings"
	"unicode"
)

// Normalise makes texts comparable: traditional characters become simplified,
// full-width letters and digits plain, capitals small, and everything that is
// neither letter nor digit a single space.
func Normalise(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= 'Ⅰ' && r <= 'Ⅻ':
			r = '1' + (r - 'Ⅰ') // good enough for classes I to IX
		case r >= 0x3400:
			if simple, ok := traditional()[r]; ok {
				r = simple
			}
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// compact is a normalised text without its spaces.
func compact(s string) string { return strings.ReplaceAll(s, " ", "") }

func isHan(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r < 0x4e00 || r > 0xffff && unicode.Is(unicode.Han, r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// runs cuts a normalised text into pieces of Chinese and pieces of anything else.
func runs(s string) []string {
	var out []string
	for part := range strings.FieldsSeq(s) {
		start, han := 0, false
		for i, r := range part {
			if h := isHan(r); i > 0 && h != han {
				out = append(out, part[start:i])
				start = i
			}
			han = isHan(r)
		}
		out = append(out, part[start:])
	}
	return out
}

// stem drops the plural of an English word.
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// dull English words say nothing about what somebody wants.
var dull = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an and are as at be by can do for from get has have how i in into is it its me my need not of on one or our
		please some that the their them this to us want we what when where which who will with you your apply application`) {
		m[stem(w)] = true
	}
	return m
}()

// gram is a pair of neighbouring Chinese characters, or one that stands alone.
type gram uint64

func pair(a, b rune) gram { return gram(a)<<21 | gram(b) }

// each calls f with every term of a normalised text: pairs of characters,
// words of letters, and with single, all single characters, too.
func each(text string, single bool, han func(gram), word func(string)) {
	for _, run := range runs(text) {
		first := rune(0)
		for _, r := range run {
			first = r
			break
		}
		if !isHan(first) {
			if w := stem(run); !dull[w] {
				word(w)
			}
			continue
		}
		last, n := rune(0), 0
		for _, r := range run {
			if single {
				han(gram(r))
			}
			if n > 0 {
				han(pair(last, r))
			}
			last = r
			n++
		}
		if n == 1 && !single {
			han(gram(last))
		}
	}
}

// runeLen counts characters.
func runeLen(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// distinct sorts and drops what is there twice.
func distinct[T interface{ ~uint32 | ~uint64 }](s []T) []T {
	slices.Sort(s)
	return slices.Compact(s)
}
