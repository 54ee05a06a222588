package index

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// question is what somebody typed, as far as it is understood.
type question struct {
	text   string // compact
	core   string // without everyday words, compact
	pieces []string
	acts   action
	units  []unit
	spoken []unit // by its sound
}

// Weights of what is less sure than the words themselves.
const (
	takenAway    = 0.22 // pairs that went with everyday words: some are half of a name
	bySound      = 0.80 // homophones
	bySpelling   = 0.93
	byInitials   = 0.85
	completed    = 0.90
	actionShare  = 0.15 // of words for what is to be done: factors see to that
	actionWeight = 0.25
	lightShare   = 0.25 // of words for who asks
	unknownTerm  = 0.30 // what a term that stands nowhere weighs against the others
)

// understand cuts a question into units.
func (x *Index) understand(text string, typing bool) question {
	text = Normalise(text)
	if rs := []rune(text); len(rs) > longestQuestion {
		text = strings.TrimSpace(string(rs[:longestQuestion]))
	}
	q := question{text: compact(text)}
	if q.text == "" {
		return q
	}
	if isASCII(q.text) {
		q.core, q.pieces = q.text, []string{q.text}
		x.latin(&q, text, typing)
		return q
	}
	q.acts = x.lexicon.acts(text)
	q.pieces = x.lexicon.everyday.strip(text, x.keep)
	q.core = strings.Join(q.pieces, "")
	if q.core == "" { // nothing but the words around a matter
		q.text = ""
		return q
	}
	for i, p := range q.pieces {
		q.units = append(q.units, x.piece(p, typing && i == len(q.pieces)-1, false)...)
		q.spoken = append(q.spoken, x.piece(p, false, true)...)
	}
	more := append(x.apart(q.text), x.rest(&q, text)...)
	more = append(more, x.done(q.acts)...)
	q.units, q.spoken = append(q.units, more...), append(q.spoken, more...)
	return q
}

// keep says how many characters at a place are not to be taken away: a word
// that is known, or one character that makes a word of names with its
// neighbour, such as 就 in 就业 and 到 in 报到.
func (x *Index) keep(rs []rune, at, taken int) int {
	if n := max(x.lexicon.known(rs[at:]), x.lexicon.doing(rs[at:])); n > 0 {
		return n
	}
	if taken != 1 {
		return 0
	}
	common := func(a, b rune) bool {
		n, ok := x.grams[pair(a, b)]
		return ok && len(x.lists[n].docs) >= 3
	}
	alone := at == 0 || !x.lexicon.everyday.words[string(rs[at-1:at+1])]
	if at+1 < len(rs) && alone && !x.lexicon.everyday.words[string(rs[at:at+2])] && common(rs[at], rs[at+1]) {
		return 2
	}
	if at > 0 && alone && common(rs[at-1], rs[at]) && (at+1 == len(rs) || !x.lexicon.everyday.words[string(rs[at:at+2])]) {
		return 2
	}
	return 0
}

// done is a unit for each thing that is to be done to what somebody has.
func (x *Index) done(acts action) []unit {
	var out []unit
	for i, said := range officialActions {
		if acts&(1<<i) == 0 {
			continue
		}
		u := unit{weight: actionWeight}
		for word := range strings.FieldsSeq(said) {
			if w := x.way(word, 1); len(w.terms) > 0 {
				u.ways = append(u.ways, w)
			}
		}
		if len(u.ways) > 0 {
			out = append(out, u)
		}
	}
	return out
}

// apart are the words of several parts that the question has all of; of two
// that say the same the longer one, and never more than three.
func (x *Index) apart(text string) []unit {
	text = asking.ReplaceAllString(text, " ")
	var found []match
	tried := map[int]bool{}
	for _, r := range text {
		for _, i := range x.lexicon.begin[r] {
			if tried[i] {
				continue
			}
			tried[i] = true
			a := &x.lexicon.apart[i]
			if said := a.said(text); said != nil {
				found = append(found, match{a.key, said, len(strings.Join(said, ""))})
			}
		}
	}
	slices.SortFunc(found, func(a, b match) int { return cmp.Or(b.length-a.length, strings.Compare(a.key, b.key)) })
	var out []unit
	for i, m := range found {
		if len(out) == 3 {
			break
		}
		if slices.ContainsFunc(found[:i], m.within) {
			continue
		}
		if u, ok := x.known(m.key, strings.Join(m.said, " ")); ok {
			out = append(out, u)
		}
	}
	return out
}

// match is a word of several parts that a question has.
type match struct {
	key    string
	said   []string
	length int
}

// within says that another match has all that this one has.
func (m match) within(other match) bool {
	return !slices.ContainsFunc(m.said, func(p string) bool {
		return !slices.ContainsFunc(other.said, func(o string) bool { return strings.Contains(o, p) })
	})
}

// asking are the words of a question that hold a word of doing: 怎么办.
var asking = regexp.MustCompile(`(怎么|怎样|怎|咋|如何)(办理|办|开|弄|领|查|报|交|做|申请)?`)

// piece cuts what is left between everyday words at the words that the lexicon
// knows; with sound also at those that only sound like one, and every other
// stretch may be meant by its sound.
func (x *Index) piece(p string, typing, sound bool) []unit {
	var out []unit
	rs := []rune(p)
	start := 0
	flush := func(end int) {
		if end > start {
			for _, run := range runs(string(rs[start:end])) {
				u, ok := x.literal(run, typing)
				if sound {
					u, ok = x.heard(run, u)
				}
				if ok {
					out = append(out, u)
				}
			}
		}
	}
	for i := 0; i < len(rs); {
		n := x.lexicon.known(rs[i:])
		if done := x.lexicon.doing(rs[i:]); done > n { // said by the unit for what is to be done
			flush(i)
			i += done
			start = i
			continue
		}
		word := string(rs[i : i+n])
		if n == 0 && sound {
			n, word = x.lexicon.heard(rs[i:])
		}
		if n == 0 {
			i++
			continue
		}
		flush(i)
		if u, ok := x.concept(word); ok {
			out = append(out, u)
		}
		i += n
		start = i
	}
	flush(len(rs))
	return out
}

// way of words as they stand.
func (x *Index) way(text string, weight float32) scored {
	w := scored{weight: weight}
	seen := map[*list]bool{}
	take := func(at uint32, ok bool, share float32) {
		if !ok {
			w.total += unknownTerm * share
			return
		}
		l := &x.lists[at]
		if !seen[l] {
			seen[l] = true
			w.terms = append(w.terms, term{l, l.idf * share})
			w.total += l.idf * share
		}
	}
	each(text, false, func(g gram) {
		at, ok := x.grams[g]
		take(at, ok, 1)
	}, func(word string) {
		at, ok := x.words[word]
		take(at, ok, 1)
	})
	return w
}

// literal is a stretch that the lexicon does not know. Letters among Chinese
// may be pinyin.
func (x *Index) literal(run string, typing bool) (unit, bool) {
	if isASCII(run) {
		return x.letters(run, typing)
	}
	w := x.way(run, 1)
	if w.total == 0 || runeLen(run) == 1 && len(w.terms) == 0 {
		return unit{}, false
	}
	u := unit{weight: w.total, ways: []scored{w}}
	if runeLen(run) == 1 {
		u.weight *= 0.4 // what is left of a word that was cut
	}
	return u, true
}

// concept is a stretch that the lexicon knows, with what else people call it.
func (x *Index) concept(word string) (unit, bool) { return x.known(word, word) }

// known is what the lexicon knows under a key, and what was said for it.
func (x *Index) known(key, word string) (unit, bool) {
	own := x.way(word, 1)
	own.strict = len(own.terms) > 1
	u := unit{ways: []scored{own}}
	weight := float32(0)
	if runeLen(word) == 1 {
		u.ways = nil // a character alone stands in too many words
	} else if len(own.terms) > 0 && len(own.terms) >= runeLen(word)-1 {
		weight = own.total
	}
	for _, other := range x.lexicon.ways[key] {
		w := x.way(strings.Join(other.parts, " "), float32(other.weight))
		if len(w.terms) == 0 {
			continue
		}
		w.strict = len(w.terms) > 1
		mean := w.total / float32(len(w.terms))
		weight = max(weight, mean*float32(min(max(runeLen(word)-1, 1), 3)))
		u.ways = append(u.ways, w)
	}
	if weight == 0 {
		weight = own.total
	}
	u.weight = weight
	switch {
	case x.lexicon.isAction(word):
		u.weight *= actionShare
	case x.lexicon.light[word]:
		u.weight *= lightShare
	}
	return u, weight > 0 && len(u.ways) > 0
}

// rest gives the pairs that went with everyday words a little weight.
func (x *Index) rest(q *question, text string) []unit {
	kept := map[gram]bool{}
	for _, p := range q.pieces {
		each(p, false, func(g gram) { kept[g] = true }, func(string) {})
	}
	var out []unit
	each(text, false, func(g gram) {
		if at, ok := x.grams[g]; ok && !kept[g] && g >= 1<<21 {
			l := &x.lists[at]
			if l.idf > 0.15 {
				out = append(out, unit{weight: takenAway * l.idf, ways: []scored{{weight: 1, terms: []term{{l, l.idf}}, total: l.idf}}})
			}
		}
	}, func(string) {})
	return out
}

// heard adds to a stretch the way it sounds.
func (x *Index) heard(run string, u unit) (unit, bool) {
	sp := spell(run)
	numbers := syllables().number
	var pairs []uint32
	for i := 1; i < len(sp.syllables); i++ {
		a, ok1 := numbers[sp.syllables[i-1]]
		b, ok2 := numbers[sp.syllables[i]]
		if ok1 && ok2 {
			pairs = append(pairs, soundPair(a, b))
		}
	}
	if w := x.sounding(pairs, bySound); len(w.terms) > 0 {
		w.strict = true
		u.ways = append(u.ways, w)
		u.weight = max(u.weight, w.total)
	}
	return u, len(u.ways) > 0
}

// exactly adds the documents whose name, keyword or code stands in the question.
func (q *question) exactly(s *searcher) {
	give := func(text string, share float32) {
		for _, e := range s.named(text) {
			a := &s.sums[e.doc]
			if a.total == 0 {
				s.touched = append(s.touched, e.doc)
			}
			total := float32(0)
			for _, u := range q.units {
				total += u.weight
			}
			if total == 0 {
				total = 1 // as in collect
			}
			switch {
			case share == 1 || e.kind == exactCode:
				a.total, a.name = max(a.total, 1.15*total), s.masses[e.doc]
			case e.kind == exactName:
				a.total += 0.25 * share * total
				a.name = s.masses[e.doc]
			default:
				a.total += 0.22 * share * total
				a.name += 0.5 * s.masses[e.doc]
			}
		}
	}
	give(q.text, 1)
	for _, known := range s.lexicon.spoken[q.text] { // gxqy is 高新企业, and that a keyword
		give(known, 0.99)
	}
	if q.core != q.text {
		give(q.core, 1)
	}
	for _, p := range q.pieces {
		rs := []rune(p)
		whole := max(runeLen(q.core), 1)
		for from := range rs {
			for to := from + 2; to <= len(rs); to++ {
				if part := string(rs[from:to]); part != q.core && part != q.text {
					give(part, float32(to-from)/float32(whole))
				}
			}
		}
	}
}
