package index

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Hit is a document that was found. The score lies between 0 and about 1 and
// compares the hits of one question only.
type Hit struct {
	Doc   int
	Score float64

	cover float32 // of the question by the document's words
}

const (
	longestQuestion = 60   // characters that are looked at; the rest of a long story adds nothing
	enough          = 0.12 // below, a hit is chance
	lightUnit       = 0.12
	smallRest       = 0.35
	farBehind       = 0.25 // of the best: no answer, however well its name fits
	looked          = 300  // how many of the best are looked at closely
	doubt           = 0.55 // below, the best may be a slip in the question: its sound is tried
)

// unit is a stretch of a question, with the ways to say it.
type unit struct {
	weight float32
	ways   []scored
}

// scored is one way with the lists of its terms.
type scored struct {
	weight float32 // of the way against the words themselves
	terms  []term
	total  float32 // of the terms, those that no document has among them
	strict bool    // half of it is not half the meaning
}

type term struct {
	list *list
	idf  float32
}

// sum is what a document has collected.
type sum struct {
	total, name       float32
	best, bestName    float32 // of the unit at hand
	current, nowNamed float32 // of the way at hand
}

// searcher holds the room that one search needs.
type searcher struct {
	*Index
	sums    []sum
	touched []uint32 // by any unit
	unit    []uint32
	way     []uint32
}

// Search returns the documents that fit a question, best first, at most limit
// (20 when not given). keep says which ones count; nil lets all pass.
func (x *Index) Search(question string, limit int, keep func(doc int) bool) []Hit {
	return x.search(question, limit, keep, false)
}

func (x *Index) search(question string, limit int, keep func(doc int) bool, typing bool) []Hit {
	if limit <= 0 {
		limit = 20
	}
	q := x.understand(question, typing)
	if q.text == "" {
		return nil
	}
	s := x.searchers.Get().(*searcher)
	defer x.searchers.Put(s)
	hits := s.collect(q, q.units, x.masses, max(limit, looked), keep)
	if (len(hits) == 0 || hits[0].Score < doubt) && len(q.spoken) > 0 {
		hits = merge(hits, s.collect(q, q.spoken, x.masses, max(limit, looked), keep), 0.97)
	}
	if q.acts&looking == 0 {
		x.yield(hits)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(x.about[b.Doc].popularity, x.about[a.Doc].popularity),
			cmp.Compare(len(x.names[a.Doc]), len(x.names[b.Doc])), cmp.Compare(a.Doc, b.Doc))
	})
	for i, h := range hits {
		if h.Score < enough {
			hits = hits[:i]
			break
		}
	}
	return hits[:min(limit, len(hits))]
}

// yield puts what is only looked up behind what can be applied for, when both
// cover the question alike: a shorter name is no reason to come first.
func (x *Index) yield(hits []Hit) {
	var best Hit // to be applied for
	for _, h := range hits {
		if !x.about[h.Doc].lookup && h.cover > best.cover {
			best = h
		}
	}
	for i, h := range hits {
		if x.about[h.Doc].lookup && h.Score >= best.Score && best.cover >= 0.95*h.cover {
			hits[i].Score = 0.999 * best.Score
		}
	}
}

// merge takes the better score of two lists.
func merge(a, b []Hit, factor float64) []Hit {
	at := make(map[int]int, len(a))
	for i, h := range a {
		at[h.Doc] = i
	}
	for _, h := range b {
		h.Score *= factor
		if i, ok := at[h.Doc]; !ok {
			a = append(a, h)
		} else if h.Score > a[i].Score {
			a[i] = h
		}
	}
	return a
}

// collect scores the documents by units and looks at the best closely.
func (s *searcher) collect(q question, units []unit, masses []float32, most int, keep func(int) bool) []Hit {
	total := float32(0)
	for i := range units {
		total += units[i].weight
	}
	slices.SortStableFunc(units, func(a, b unit) int { return cmp.Compare(b.weight, a.weight) })
	for i := range units {
		// What weighs little, such as 公司, stands in very many documents: it
		// chooses among those that have something that weighs more.
		s.add(&units[i], len(s.touched) > 0 && units[i].weight < lightUnit*total)
	}
	q.exactly(s)
	if total == 0 {
		total = 1
	}
	most1 := float32(0)
	for _, d := range s.touched {
		most1 = max(most1, s.sums[d].total)
	}
	hits := make([]Hit, 0, min(len(s.touched), 2*most))
	for _, d := range s.touched {
		a := &s.sums[d]
		if a.total < farBehind*most1 {
			*a = sum{}
			continue
		}
		named := float32(1)
		if m := masses[d]; m > 0 {
			named = min(1, a.name/m)
		}
		cover := a.total / total
		score := float64(cover * (0.70 + 0.30*named))
		*a = sum{}
		if keep != nil && !keep(int(d)) {
			continue
		}
		score *= s.suits(q, d)
		if score >= enough/2 {
			hits = append(hits, Hit{int(d), score, cover})
		}
	}
	s.touched = s.touched[:0]
	hits = best(hits, most)
	for i := range hits {
		hits[i].Score = q.closely(s.Index, hits[i])
	}
	return hits
}

// best keeps the n with the highest scores, in no order.
func best(hits []Hit, n int) []Hit {
	if len(hits) <= n {
		return hits
	}
	lo, hi := 0, len(hits)-1
	for lo < hi { // quickselect, by the middle one: the order of documents says nothing about scores
		pivot := hits[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for better(hits[i], pivot) {
				i++
			}
			for better(pivot, hits[j]) {
				j--
			}
			if i <= j {
				hits[i], hits[j] = hits[j], hits[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n > i:
			lo = i
		default:
			return hits[:n]
		}
	}
	return hits[:n]
}

func better(a, b Hit) bool { return a.Score > b.Score || a.Score == b.Score && a.Doc < b.Doc }

// add scores documents by one unit: the best of its ways. With among, only
// those that another unit has found.
func (s *searcher) add(u *unit, among bool) {
	s.unit = s.unit[:0]
	for i := range u.ways {
		w := &u.ways[i]
		s.way = s.way[:0]
		slices.SortStableFunc(w.terms, func(a, b term) int { return cmp.Compare(b.idf, a.idf) })
		left := w.total
		for _, t := range w.terms {
			// Once what is left could only be a small part of the way, it adds to
			// the documents that have the rest: most have 登记, few have 赡养.
			if left < smallRest*w.total {
				s.more(t)
			} else {
				s.all(t, among)
			}
			left -= t.idf
		}
		for _, d := range s.way {
			a := &s.sums[d]
			cover := a.current / w.total
			if w.strict {
				cover *= float32(math.Sqrt(float64(cover)))
			}
			if v := w.weight * cover; v > a.best {
				if a.best == 0 {
					s.unit = append(s.unit, d)
				}
				a.best, a.bestName = v, a.nowNamed
			}
			a.current, a.nowNamed = 0, 0
		}
	}
	for _, d := range s.unit {
		a := &s.sums[d]
		if a.total == 0 {
			s.touched = append(s.touched, d)
		}
		a.total += u.weight * a.best
		a.name += a.bestName
		a.best, a.bestName = 0, 0
	}
}

// all gives a term to the documents that have it.
func (s *searcher) all(t term, among bool) {
	scale := t.idf / 255
	for i, d := range t.list.docs {
		a := &s.sums[d]
		if a.current == 0 {
			if among && a.total == 0 {
				continue
			}
			s.way = append(s.way, d)
		}
		weight := t.list.weights[i]
		a.current += scale * float32(weight)
		if weight == nameWeight {
			a.nowNamed += t.idf
		}
	}
}

// more gives a term to those of the documents of the way at hand that have it.
func (s *searcher) more(t term) {
	scale := t.idf / 255
	give := func(a *sum, weight uint8) {
		a.current += scale * float32(weight)
		if weight == nameWeight {
			a.nowNamed += t.idf
		}
	}
	if len(s.way)*16 < len(t.list.docs) {
		for _, d := range s.way {
			if i, ok := slices.BinarySearch(t.list.docs, d); ok {
				give(&s.sums[d], t.list.weights[i])
			}
		}
		return
	}
	for i, d := range t.list.docs {
		if a := &s.sums[d]; a.current != 0 {
			give(a, t.list.weights[i])
		}
	}
}

// special actions are done to what one has; making is not.
const special = cancelling | changing | renewing | replacing | pausing

// suits says how well what a document is for suits what was asked.
func (s *searcher) suits(q question, d uint32) float64 {
	a := s.about[d]
	f := 1.0
	switch wanted := q.acts & special; {
	case wanted != 0 && a.acts&wanted != 0:
		f = 1.08
	case wanted != 0 && a.acts&special != 0:
		f = 0.86
	case wanted != 0:
		f = 0.97
	case a.acts&special != 0 && a.acts&making == 0:
		f = 0.90
	case q.acts&making != 0 && a.acts&making != 0:
		f = 1.05
	}
	switch {
	case a.lookup && q.acts&looking == 0:
		f *= 0.88
	case a.lookup:
		f *= 1.05
	}
	return f
}

// closely compares the name of a document with the words of the question.
func (q *question) closely(x *Index, h Hit) float64 {
	name := x.names[h.Doc]
	more := 0.0
	switch {
	case name == q.text || name == q.core:
		more = 0.30
	case q.core != "" && strings.Contains(name, q.core):
		more = 0.05 + 0.10*float64(len(q.core))/float64(len(name))
	case strings.Contains(q.text, name):
		more = 0.05 + 0.10*float64(len(name))/float64(len(q.text))
	}
	if x.about[h.Doc].lookup && q.acts&looking == 0 {
		more = 0
	}
	return 0.94*(h.Score+more) + 0.06*float64(x.about[h.Doc].popularity)/100
}
