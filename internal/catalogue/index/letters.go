package index

import (
	"slices"
	"strings"
)

// latin understands a question of letters and digits: words, a code, or pinyin.
func (x *Index) latin(q *question, text string, typing bool) {
	ws := strings.Fields(text)
	if len(ws) > 1 {
		for i, w := range ws {
			if w = stem(w); dull[w] {
				continue
			}
			if u, ok := x.word(w, typing || i == len(ws)-1); ok {
				q.units = append(q.units, u)
			}
		}
	} else if u, ok := x.letters(q.text, typing || len(q.text) > 3); ok {
		q.units = append(q.units, u)
	}
	if read := x.lexicon.readAloud(ws); read != "" && !isASCII(read) { // huzhao diule
		aloud := x.understand(read, false)
		q.spoken, q.acts = aloud.units, q.acts|aloud.acts
	} else if u, ok := x.letters(q.text, typing); ok && len(ws) > 1 { // gao xin qi ye
		q.spoken = append(q.spoken, u)
	}
}

// word is a word of letters, or one that begins so when it is being typed.
func (x *Index) word(w string, typing bool) (unit, bool) {
	if at, ok := x.words[w]; ok {
		l := &x.lists[at]
		return unit{weight: l.idf, ways: []scored{{weight: 1, terms: []term{{l, l.idf}}, total: l.idf}}}, true
	}
	u := unit{weight: unknownTerm}
	if typing && len(w) > 2 {
		for _, at := range x.beginning(w) {
			l := &x.lists[at]
			u.ways = append(u.ways, scored{weight: completed, terms: []term{{l, l.idf}}, total: l.idf})
		}
	}
	return u, true
}

// letters may be a word, an abbreviation of a known word in pinyin, pinyin in
// full, or the initials of a name.
func (x *Index) letters(s string, typing bool) (unit, bool) {
	u, _ := x.word(stem(s), typing)
	if c, ok := x.concept(s); ok { // ktv, 12348
		u.ways = append(u.ways, c.ways...)
	}
	if at := x.lexicon.spoken[s]; len(s) > 1 {
		for _, known := range at {
			c, ok := x.concept(known)
			if !ok {
				continue
			}
			for _, w := range c.ways {
				w.weight *= bySpelling
				u.ways = append(u.ways, w)
			}
		}
	}
	for _, pairs := range x.pinyin(s, typing) {
		if w := x.sounding(pairs, bySpelling); len(w.terms) > 0 {
			w.strict = len(w.terms) > 1
			u.ways = append(u.ways, w)
		}
	}
	if typing && len(s) > 1 {
		u.ways = append(u.ways, x.oneSyllable(s)...)
	}
	if w := x.abbreviated(s); len(w.terms) > 0 {
		u.ways = append(u.ways, w)
	}
	for _, w := range u.ways {
		u.weight = max(u.weight, min(w.total, 3))
	}
	return u, len(u.ways) > 0
}

// pinyin are the pairs of syllables of letters; while somebody is typing, with
// each way in which the last syllable can go on.
func (x *Index) pinyin(s string, typing bool) [][]uint32 {
	whole, rest := cutPinyin(s, typing)
	var pairs []uint32
	for i := 1; i < len(whole); i++ {
		pairs = append(pairs, soundPair(whole[i-1], whole[i]))
	}
	if rest == "" || len(whole) == 0 {
		return [][]uint32{pairs}
	}
	var out [][]uint32
	for _, n := range syllables().begin[rest] {
		if p := soundPair(whole[len(whole)-1], n); x.sounds[p] != 0 {
			out = append(out, append(slices.Clone(pairs), p))
		}
	}
	return out
}

// oneSyllable are the ways on from the only syllable that was typed so far.
func (x *Index) oneSyllable(s string) []scored {
	t := syllables()
	first, ok := t.number[s]
	if !ok {
		return nil
	}
	var out []scored
	for next := range uint32(len(t.number)) {
		if at, ok := x.sounds[soundPair(first, next)]; ok {
			l := &x.lists[at]
			out = append(out, scored{weight: bySpelling, terms: []term{{l, 1}}, total: 1})
		}
	}
	return out
}

// abbreviated are letters as the initials of names.
func (x *Index) abbreviated(s string) scored {
	w := scored{weight: byInitials, strict: true}
	var keys []uint32
	if len(s) == 2 {
		keys = append(keys, letters(s))
	}
	for i := 0; i+3 <= len(s); i++ {
		keys = append(keys, letters(s[i:i+3]))
	}
	for _, k := range distinct(keys) {
		if at, ok := x.initials[k]; ok {
			l := &x.lists[at]
			w.terms = append(w.terms, term{l, l.idf})
			w.total += l.idf
		} else {
			w.total += 1
		}
	}
	return w
}

func (x *Index) sounding(pairs []uint32, weight float32) scored {
	w := scored{weight: weight}
	for _, p := range distinct(slices.Clone(pairs)) {
		if at, ok := x.sounds[p]; ok {
			l := &x.lists[at]
			w.terms = append(w.terms, term{l, l.idf})
			w.total += l.idf
		} else {
			w.total += unknownTerm
		}
	}
	return w
}
