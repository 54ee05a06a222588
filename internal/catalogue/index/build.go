package index

import (
	"hash/maphash"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Doc is something that can be found.
type Doc struct {
	Name       string
	English    string
	Main       string // name of what it belongs to
	Keywords   []string
	Codes      []string
	Fields     []Field
	Actions    []string // "new", "change", "renew", "replace", "cancel": told apart from its name when empty
	Lookup     bool     // nothing is decided, only looked up
	Popularity int      // 0 to 100, decides between equals
}

// Field is another text of a document.
type Field struct {
	Text   string
	Weight float64 // 0 to 1, of a match in it against one in the name
}

// Weights of a match by where it stands, in 255ths.
const (
	nameWeight    = 255
	keywordWeight = 243
	englishWeight = 230
	mainWeight    = 180
)

// list holds the documents that have a term, ascending, with the weight of
// the best field that it stands in.
type list struct {
	docs    []uint32
	weights []uint8
	idf     float32 // 1 for a term that one document has, towards 0 for one that all have
}

func (l *list) add(doc uint32, weight uint8) {
	l.docs = append(l.docs, doc)
	l.weights = append(l.weights, weight)
}

// Index finds documents. It never changes.
type Index struct {
	lexicon   *Lexicon
	names     []string // compact, normalised
	masses    []float32
	about     []about
	lists     []list
	grams     map[gram]uint32   // into lists
	words     map[string]uint32 // into lists
	sorted    []string          // the words, to complete the last one typed
	sounds    map[uint32]uint32 // pairs of syllables, into lists
	initials  map[uint32]uint32 // three letters, or the first two, into lists
	exact     []exact           // by hash
	seed      maphash.Seed
	searchers sync.Pool
}

// about a document.
type about struct {
	acts       action
	lookup     bool
	popularity uint8
}

// exact is a name, keyword or code by its hash.
type exact struct {
	hash uint64
	doc  uint32
	kind uint8
}

const (
	exactName = iota
	exactKeyword
	exactCode
)

// New builds an index of documents, which are known by their position. A nil
// lexicon is that of the product.
func New(docs []Doc, lexicon *Lexicon) *Index {
	if lexicon == nil {
		lexicon = product()
	}
	x := &Index{
		lexicon: lexicon, names: make([]string, len(docs)), about: make([]about, len(docs)),
		grams: map[gram]uint32{}, words: map[string]uint32{}, sounds: map[uint32]uint32{}, initials: map[uint32]uint32{}, seed: maphash.MakeSeed(),
	}
	b := builder{Index: x}
	for i := range docs {
		b.add(uint32(i), &docs[i])
	}
	x.finish()
	return x
}

// Len is the number of documents.
func (x *Index) Len() int { return len(x.names) }

// Size estimates the bytes that the index takes.
func (x *Index) Size() int64 {
	n := int64(len(x.lists)) * int64(unsafe.Sizeof(list{}))
	for _, l := range x.lists {
		n += int64(cap(l.docs))*4 + int64(cap(l.weights))
	}
	for _, s := range x.names {
		n += int64(len(s)) + 16
	}
	const entry = 40 // of a map, with its share of empty places
	n += int64(len(x.grams)+len(x.words)+len(x.sounds)+len(x.initials)) * entry
	return n + int64(len(x.exact))*int64(unsafe.Sizeof(exact{})) + int64(len(x.names))*(4+3)
}

// aside is what a name says in brackets.
var aside = regexp.MustCompile(`[(（][^()（）]*[)）]`)

// builder holds what is put together of one document.
type builder struct {
	*Index
	found []found
}

type found struct {
	list   uint32
	weight uint8
}

func (b *builder) add(doc uint32, d *Doc) {
	b.found = b.found[:0]
	name := Normalise(d.Name)
	b.names[doc] = compact(name)
	b.text(name, nameWeight, true)
	if plain := aside.ReplaceAllString(d.Name, ""); plain != d.Name {
		plain = Normalise(plain)
		b.text(plain, nameWeight, false) // 食品（含保健食品）经营许可 is asked for as 食品经营许可
		b.exactly(doc, compact(plain), exactName)
	}
	b.text(Normalise(d.Main), mainWeight, false)
	b.text(Normalise(d.English), englishWeight, false)
	b.exactly(doc, b.names[doc], exactName)
	b.spoken(name, nameWeight)
	for _, k := range d.Keywords {
		k = Normalise(k)
		b.text(k, keywordWeight, true)
		b.exactly(doc, compact(k), exactKeyword)
		b.spoken(k, keywordWeight)
	}
	for _, c := range d.Codes {
		b.exactly(doc, compact(Normalise(c)), exactCode)
	}
	for _, f := range d.Fields {
		b.text(Normalise(f.Text), uint8(min(max(f.Weight, 0), 0.9)*255), false)
	}
	slices.SortFunc(b.found, func(a, c found) int {
		if a.list != c.list {
			return int(a.list) - int(c.list)
		}
		return int(c.weight) - int(a.weight)
	})
	for i, f := range b.found {
		if i == 0 || f.list != b.found[i-1].list {
			b.lists[f.list].add(doc, f.weight)
		}
	}
	acts := action(0)
	for _, a := range d.Actions {
		if i := slices.Index(actionNames, a); i >= 0 {
			acts |= 1 << i
		}
	}
	if acts == 0 {
		acts = b.lexicon.acts(name) &^ looking
	}
	b.about[doc] = about{acts, d.Lookup, uint8(min(max(d.Popularity, 0), 100))}
}

func at[K comparable](b *builder, m map[K]uint32, key K, weight uint8) {
	n, ok := m[key]
	if !ok {
		n = uint32(len(b.lists))
		m[key] = n
		b.lists = append(b.lists, list{})
	}
	b.found = append(b.found, found{n, weight})
}

func (b *builder) text(text string, weight uint8, single bool) {
	if weight == 0 {
		return
	}
	each(text, single, func(g gram) {
		w := weight
		if g < 1<<21 && runeLen(text) > 1 {
			w = uint8(int(weight) * 4 / 5) // a single character, for questions of one
		}
		at(b, b.grams, g, w)
	}, func(word string) { at(b, b.words, word, weight) })
}

// spoken notes a text by its sound.
func (b *builder) spoken(text string, weight uint8) {
	sp := spell(text)
	numbers := syllables().number
	for i := 1; i < len(sp.syllables); i++ {
		first, ok1 := numbers[sp.syllables[i-1]]
		second, ok2 := numbers[sp.syllables[i]]
		if ok1 && ok2 {
			at(b, b.sounds, soundPair(first, second), weight)
		}
	}
	for i := 0; i+3 <= len(sp.initials); i++ {
		at(b, b.initials, letters(sp.initials[i:i+3]), weight)
	}
	if len(sp.initials) >= 2 {
		at(b, b.initials, letters(sp.initials[:2]), weight)
	}
}

// letters packs two or three of them.
func letters(s string) uint32 {
	n := uint32(0)
	for i := range len(s) {
		n = n<<8 | uint32(s[i])
	}
	return n
}

func (b *builder) exactly(doc uint32, text string, kind uint8) {
	if text != "" {
		b.exact = append(b.exact, exact{b.hash(text), doc, kind})
	}
}

func (x *Index) hash(s string) uint64 { return maphash.String(x.seed, s) }

// finish computes what depends on all documents.
func (x *Index) finish() {
	n := float64(len(x.names) + 1)
	for i := range x.lists {
		l := &x.lists[i]
		l.docs, l.weights = slices.Clip(l.docs), slices.Clip(l.weights)
		l.idf = float32(math.Log(1+n/float64(len(l.docs)+1)) / math.Log(1+n/2))
		l.idf = min(l.idf, 1)
	}
	x.masses = make([]float32, len(x.names))
	for g, at := range x.grams {
		l := &x.lists[at]
		for i, d := range l.docs {
			if g >= 1<<21 && l.weights[i] == nameWeight {
				x.masses[d] += l.idf
			}
		}
	}
	for w, at := range x.words {
		x.sorted = append(x.sorted, w)
		l := &x.lists[at]
		for i, d := range l.docs {
			if l.weights[i] == nameWeight {
				x.masses[d] += l.idf
			}
		}
	}
	slices.Sort(x.sorted)
	slices.SortFunc(x.exact, func(a, b exact) int {
		switch {
		case a.hash != b.hash:
			return cmpUint(a.hash, b.hash)
		case a.doc != b.doc:
			return int(a.doc) - int(b.doc)
		}
		return int(a.kind) - int(b.kind)
	})
	x.searchers.New = func() any { return &searcher{Index: x, sums: make([]sum, len(x.names))} }
}

func cmpUint(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

// named returns the documents that are called so.
func (x *Index) named(text string) []exact {
	h := x.hash(text)
	from, ok := slices.BinarySearchFunc(x.exact, h, func(e exact, h uint64) int {
		if e.hash == h {
			return 0
		}
		return cmpUint(e.hash, h)
	})
	if !ok {
		return nil
	}
	to := from
	for to < len(x.exact) && x.exact[to].hash == h {
		to++
	}
	return x.exact[from:to]
}

// beginning returns the words that begin with what was typed, at most some.
func (x *Index) beginning(prefix string) []uint32 {
	from, _ := slices.BinarySearch(x.sorted, prefix)
	var out []uint32
	for _, w := range x.sorted[from:] {
		if !strings.HasPrefix(w, prefix) || len(out) == 30 {
			break
		}
		out = append(out, x.words[w])
	}
	return out
}
