package catalogue

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Hit is an item that a search found. The score lies between 0 and about 1 and
// compares hits of one search only.
type Hit struct {
	Item  *Item
	Score float64
}

// How much a match says, by where it stands.
const (
	inName        = 1.0
	inKeyword     = 0.95
	inEnglishName = 0.9
	inSummary     = 0.35
	inGuide       = 0.2 // conditions, result and English summary

	unknownWord = 0.6 // what a term that stands nowhere weighs against the coverage of the others
	enough      = 0.2 // below, a hit is chance
	maxQuery    = 60  // characters that are looked at; the rest of a long story adds nothing
)

// index finds items by words. A query is cut into terms (pairs of Chinese
// characters, words of letters); an item scores by the share of the terms that
// it has, rare ones counting more, and by whether what was typed is, begins or
// holds one of its keywords or its name. So a slip in one character costs two
// of the pairs and no more. Words around the matter ("怎么办理") are taken away
// first. Letters are tried as English and as pinyin; Chinese that hardly finds
// anything is tried once more by its sound, for homophones and for traditional
// characters. Popularity decides between equals.
type index struct {
	items    []*Item
	postings map[string][]posting
	words    []string           // terms of letters, sorted, to complete the last one
	exact    map[string][]int32 // name or keyword → items
	sounds   map[string][]int32 // the same in full pinyin
	entries  []entry            // all names and keywords
}

type posting struct {
	item   int32
	weight float32
}

type entry struct {
	item    int32
	keyword bool
	text    string
	sound   spelling
}

func newIndex(items []*Item) *index {
	x := &index{items: items, postings: map[string][]posting{}, exact: map[string][]int32{}, sounds: map[string][]int32{}}
	for i, it := range items {
		best := map[string]float32{}
		add := func(text string, weight float32) {
			for _, t := range terms(normalise(text)) {
				best[t] = max(best[t], weight)
			}
		}
		single := func(text string) { // for queries of one character
			for _, r := range text {
				if isHan(r) {
					best[string(r)] = max(best[string(r)], inSummary)
				}
			}
		}
		name := normalise(it.Name.ZH)
		x.enter(int32(i), name, false)
		add(name, inName)
		single(name)
		for _, k := range it.Keywords {
			x.enter(int32(i), normalise(k), true)
			add(k, inKeyword)
			single(k)
		}
		add(it.Name.EN, inEnglishName)
		add(it.Summary.ZH, inSummary)
		add(it.Summary.EN, inGuide)
		add(it.Result.Name.ZH, inSummary)
		for _, c := range it.Conditions {
			add(c.ZH, inGuide)
		}
		code := strings.ReplaceAll(normalise(it.Code), " ", "")
		x.exact[code] = append(x.exact[code], int32(i))
		for t, w := range best {
			x.postings[t] = append(x.postings[t], posting{int32(i), w})
		}
	}
	for t := range x.postings {
		if t[0] < 0x80 {
			x.words = append(x.words, t)
		}
	}
	slices.Sort(x.words)
	return x
}

func (x *index) enter(item int32, text string, keyword bool) {
	compact := strings.ReplaceAll(text, " ", "")
	if compact == "" {
		return
	}
	e := entry{item: item, keyword: keyword, text: compact, sound: spell(text)}
	x.entries = append(x.entries, e)
	if !slices.Contains(x.exact[compact], item) {
		x.exact[compact] = append(x.exact[compact], item)
	}
	if !slices.Contains(x.sounds[e.sound.full], item) {
		x.sounds[e.sound.full] = append(x.sounds[e.sound.full], item)
	}
}

// rarity of a term: 1 for one that stands nowhere or once, towards 0 for one
// that is everywhere.
func (x *index) rarity(term string) float64 {
	n := float64(len(x.items) + 1)
	return math.Log(1+n/float64(len(x.postings[term])+1)) / math.Log(1+n)
}

func (x *index) search(query string, limit int, f Filter) []Hit {
	query = normalise(query)
	if rs := []rune(query); len(rs) > maxQuery {
		query = strings.TrimSpace(string(rs[:maxQuery]))
	}
	if query == "" {
		return nil
	}
	scores := map[int32]float64{}
	take := func(other map[int32]float64, factor float64) {
		for i, s := range other {
			scores[i] = max(scores[i], s*factor)
		}
	}
	if isASCII(query) {
		take(x.byWords(query), 1)
		take(x.bySound(strings.ReplaceAll(query, " ", ""), 0), 1)
	} else {
		core := strings.Join(strings.Fields(everyday.Replace(query)), " ")
		take(x.byWords(query), 1)
		if core != "" && core != query {
			take(x.byWords(core), 1)
		}
		core = cmp.Or(core, query)
		for _, other := range otherWords(core) {
			take(x.byWords(other), 0.93)
		}
		sound := spell(core).full
		for _, i := range x.sounds[sound] {
			scores[i] = max(scores[i], 0.8)
		}
		if best(scores) < 0.45 && len([]rune(core)) > 1 {
			take(x.bySound(sound, 0.6), 0.8)
		}
	}
	hits := make([]Hit, 0, len(scores))
	for i, s := range scores {
		if it := x.items[i]; s >= enough && f.passes(it, noFacet) {
			hits = append(hits, Hit{Item: it, Score: 0.94*s + 0.06*float64(it.Popularity)/100})
		}
	}
	return cut(hits, limit)
}

func cut(hits []Hit, limit int) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Item.Popularity, a.Item.Popularity), cmp.Compare(a.Item.Code, b.Item.Code))
	})
	if limit <= 0 {
		limit = 20
	}
	return hits[:min(limit, len(hits))]
}

func best(scores map[int32]float64) (most float64) {
	for _, s := range scores {
		most = max(most, s)
	}
	return most
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// byWords scores items by the share of the query's terms that they have, and
// by names and keywords in it.
func (x *index) byWords(query string) map[int32]float64 {
	type sum struct{ covered, named float64 }
	sums := map[int32]*sum{}
	at := func(i int32) *sum {
		if sums[i] == nil {
			sums[i] = &sum{}
		}
		return sums[i]
	}
	total := 0.0
	qs := terms(query)
	for n, t := range slices.Compact(qs) {
		posts := x.postings[t]
		weight := x.rarity(t)
		if len(posts) == 0 && n == len(qs)-1 && len(t) > 2 && t[0] < 0x80 {
			posts = x.beginning(t)
		}
		if len(posts) == 0 {
			total += weight * unknownWord
			continue
		}
		total += weight
		for _, p := range posts {
			at(p.item).covered += weight * float64(p.weight)
		}
	}
	compact := strings.ReplaceAll(query, " ", "")
	whole := len([]rune(compact))
	rs := []rune(compact)
	for from := range rs {
		for to := from + 2; to <= len(rs); to++ {
			part := string(rs[from:to])
			for _, i := range x.exact[part] {
				share := float64(to-from) / float64(whole)
				s := at(i)
				if share < 1 {
					share *= 0.8 * x.rarityOf(part)
				}
				s.named = max(s.named, share)
			}
		}
	}
	if whole > 1 {
		for _, e := range x.entries {
			if strings.Contains(e.text, compact) {
				most := 0.75
				if e.keyword {
					most = 0.65
				}
				s := at(e.item)
				s.named = max(s.named, most*(0.8+0.2*float64(whole)/float64(len([]rune(e.text)))))
			}
		}
	}
	out := make(map[int32]float64, len(sums))
	for i, s := range sums {
		if total > 0 {
			out[i] = 0.6 * s.covered / total
		}
		out[i] += 0.4 * s.named
	}
	return out
}

// rarityOf a keyword is the mean of its terms.
func (x *index) rarityOf(text string) float64 {
	sum, ts := 0.0, terms(text)
	for _, t := range ts {
		sum += x.rarity(t)
	}
	return sum / float64(max(len(ts), 1))
}

// beginning collects the postings of words that begin with what was typed.
func (x *index) beginning(prefix string) []posting {
	from, _ := slices.BinarySearch(x.words, prefix)
	most := map[int32]float32{}
	for _, w := range x.words[from:] {
		if !strings.HasPrefix(w, prefix) {
			break
		}
		for _, p := range x.postings[w] {
			most[p.item] = max(most[p.item], p.weight*0.9)
		}
	}
	out := make([]posting, 0, len(most))
	for i, w := range most {
		out = append(out, posting{i, w})
	}
	return out
}

// bySound scores items by how well letters fit their names and keywords in
// pinyin, if that is at least least.
func (x *index) bySound(letters string, least float64) map[int32]float64 {
	out := map[int32]float64{}
	for _, e := range x.entries {
		s := e.sound.fits(letters)
		if e.keyword {
			s *= 0.97
		}
		if s >= least && s > out[e.item] {
			out[e.item] = s
		}
	}
	return out
}

func (x *index) suggest(prefix string, n int) []Hit {
	typed := strings.ReplaceAll(normalise(prefix), " ", "")
	if typed == "" || n <= 0 {
		return nil
	}
	sound := isASCII(typed)
	most := map[int32]float64{}
	for _, e := range x.entries {
		fits := strings.HasPrefix(e.text, typed) || sound && (strings.HasPrefix(e.sound.full, typed) || strings.HasPrefix(e.sound.initials, typed))
		if !fits {
			continue
		}
		score := 0.8
		if !e.keyword {
			score = 0.85
		}
		if e.text == typed || e.sound.full == typed || e.sound.initials == typed {
			score = 1
		}
		most[e.item] = max(most[e.item], score)
	}
	hits := make([]Hit, 0, len(most))
	for i, s := range most {
		hits = append(hits, Hit{Item: x.items[i], Score: 0.7*s + 0.3*float64(x.items[i].Popularity)/100})
	}
	if len(hits) == 0 {
		return x.search(prefix, n, Filter{})
	}
	return cut(hits, n)
}
