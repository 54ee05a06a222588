package index

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed lexicon
var files embed.FS

// Lexicon holds the words that help to understand a question.
type Lexicon struct {
	ways     map[string][]way // what else people call something
	longest  int              // characters of the longest key of ways
	everyday *stripper
	light    map[string]bool
	actions  []actionWord   // longest first
	apart    []apart        // keys of several parts
	begin    map[rune][]int // of the keys of several parts, by the first character of one part
	spoken   map[string][]string
	read     map[string]string // any word of the files by its full pinyin
}

// apart is a key of several parts that need not stand together: 砍+树, or with
// ways to say a part, {砍|伐|锯}+{树|林子}.
type apart struct {
	parts [][]string
	key   string // in ways
}

// said returns what a text has of each part, nil when it lacks one.
func (a *apart) said(text string) []string {
	out := make([]string, 0, len(a.parts))
	for _, ways := range a.parts {
		i := slices.IndexFunc(ways, func(w string) bool { return strings.Contains(text, w) })
		if i < 0 {
			return nil
		}
		out = append(out, ways[i])
	}
	return out
}

// way is another way to say something: parts that stand together.
type way struct {
	parts  []string
	weight float64
}

// How much another way of saying something counts against the words themselves.
const (
	officialWay = 0.96
	alikeWay    = 0.90
)

// NewLexicon reads the words of the product and adds groups of words alike that
// an installation keeps: in a group each stands for all others.
func NewLexicon(groups [][]string) *Lexicon {
	l := &Lexicon{ways: map[string][]way{}, everyday: newStripper(words("everyday.txt")), light: map[string]bool{}, spoken: map[string][]string{}}
	for _, w := range words("light.txt") {
		l.light[compact(Normalise(w))] = true
	}
	for _, line := range synonyms() {
		if left, right, ok := strings.Cut(line, "->"); ok {
			l.lead(strings.Fields(left), strings.Fields(right))
		} else {
			l.alike(strings.Fields(line))
		}
	}
	for _, g := range groups {
		plain := make([]string, len(g))
		for i, w := range g { // what a person types is a word, not a pattern
			plain[i] = compact(Normalise(w))
		}
		l.alike(plain)
	}
	for _, line := range lines("actions.txt") {
		name, list, _ := strings.Cut(line, ":")
		a := slices.Index(actionNames, name)
		if a < 0 {
			panic(fmt.Sprintf("index: actions.txt names %q", name)) // a file of the product
		}
		for w := range strings.FieldsSeq(list) {
			l.actions = append(l.actions, actionWord{w, action(1 << a)})
		}
	}
	slices.SortStableFunc(l.actions, func(a, b actionWord) int { return len(b.word) - len(a.word) })
	for key := range l.ways {
		if !isASCII(key) && !strings.Contains(key, "+") {
			sp := spell(key)
			l.spoken[sp.initials] = append(l.spoken[sp.initials], key)
			l.spoken[sp.full()] = append(l.spoken[sp.full()], key)
		}
	}
	for _, list := range l.spoken {
		slices.Sort(list)
	}
	l.read = map[string]string{}
	note := func(word string) {
		if full := spell(word).full(); runeLen(word) > 1 && !isASCII(word) && l.read[full] == "" {
			l.read[full] = word
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.ways)) {
		if !strings.Contains(key, "+") {
			note(key)
		}
	}
	for _, a := range l.apart {
		for _, ways := range a.parts {
			for _, w := range ways {
				note(w)
			}
		}
	}
	for _, a := range l.actions {
		note(a.word)
	}
	for _, w := range slices.Sorted(maps.Keys(l.everyday.words)) {
		note(w)
	}
	l.begin = map[rune][]int{}
	for i, a := range l.apart {
		few := slices.MinFunc(a.parts, func(a, b []string) int { return len(a) - len(b) })
		for _, w := range few {
			r, _ := utf8.DecodeRuneInString(w)
			if list := l.begin[r]; len(list) == 0 || list[len(list)-1] != i {
				l.begin[r] = append(list, i)
			}
		}
	}
	return l
}

// product is the lexicon without additions.
var product = sync.OnceValue(func() *Lexicon { return NewLexicon(nil) })

func (l *Lexicon) add(key string, w way) {
	for i, p := range w.parts {
		w.parts[i] = compact(Normalise(p))
	}
	parts := parse(key)
	if len(parts) == 1 {
		for _, word := range parts[0] {
			l.enter(word, w)
			l.longest = max(l.longest, runeLen(word))
		}
		return
	}
	if _, known := l.ways[key]; !known {
		l.apart = append(l.apart, apart{parts, key})
	}
	l.enter(key, w)
}

func (l *Lexicon) enter(key string, w way) {
	same := func(o way) bool { return slices.Equal(o.parts, w.parts) }
	if key == "" || len(w.parts) == 1 && w.parts[0] == key || slices.ContainsFunc(l.ways[key], same) {
		return
	}
	l.ways[key] = append(l.ways[key], w)
}

// parse reads a key: parts joined by “+”, each with ways to say it in braces.
func parse(key string) [][]string {
	var out [][]string
	for part := range strings.SplitSeq(key, "+") {
		ways := []string{""}
		for part != "" {
			before, rest, found := strings.Cut(part, "{")
			inside, after, closed := strings.Cut(rest, "}")
			if found && !closed {
				panic("index: a brace of a synonym is not closed: " + key) // a file of the product
			}
			var longer []string
			for _, w := range ways {
				for alternative := range strings.SplitSeq(inside, "|") {
					longer = append(longer, w+compact(Normalise(before))+compact(Normalise(alternative)))
				}
			}
			ways, part = longer, after
		}
		ways = slices.DeleteFunc(ways, func(w string) bool { return w == "" })
		if len(ways) > 0 {
			out = append(out, ways)
		}
	}
	return out
}

func (l *Lexicon) alike(group []string) {
	for _, a := range group {
		for _, b := range group {
			l.add(a, way{[]string{b}, alikeWay})
		}
	}
}

func (l *Lexicon) lead(from, to []string) {
	for _, a := range from {
		for _, b := range to {
			l.add(a, way{strings.Split(b, "+"), officialWay})
		}
	}
}

// lines of a file of the lexicon, without comments and empty ones.
func lines(name string) []string {
	b, err := files.ReadFile("lexicon/" + name)
	if err != nil {
		panic(fmt.Sprintf("index: %v", err)) // it is part of the program
	}
	var out []string
	for line := range strings.SplitSeq(string(b), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// synonyms are the lines of all files of synonyms, in the order of their names.
func synonyms() []string {
	entries, err := files.ReadDir("lexicon/synonyms")
	if err != nil {
		panic(fmt.Sprintf("index: %v", err)) // it is part of the program
	}
	var out []string
	for _, e := range entries {
		out = append(out, lines("synonyms/"+e.Name())...)
	}
	return out
}

func words(name string) []string { return strings.Fields(strings.Join(lines(name), " ")) }

// traditional characters and their simplified ones.
var traditional = sync.OnceValue(func() map[rune]rune {
	l := lines("traditional.txt")
	from, to := []rune(l[0]), []rune(l[1])
	m := make(map[rune]rune, len(from))
	for i, r := range from {
		m[r] = to[i]
	}
	return m
})

// stripper takes words out of a text, at each place the longest.
type stripper struct {
	words   map[string]bool
	longest int
}

func newStripper(list []string) *stripper {
	s := &stripper{words: map[string]bool{}}
	for _, w := range list {
		w = compact(Normalise(w))
		s.words[w] = true
		s.longest = max(s.longest, runeLen(w))
	}
	return s
}

// strip returns the pieces that are left. A place where keep knows a longer
// word than the one to be taken away is left alone: 办公 begins with 办.
func (s *stripper) strip(text string, keep func(rs []rune, at, taken int) int) []string {
	var out []string
	for part := range strings.FieldsSeq(text) {
		rs := []rune(part)
		start := 0
		for i := 0; i < len(rs); {
			if !isHan(rs[i]) {
				i++
				continue
			}
			taken := 0
			for n := min(s.longest, len(rs)-i); n > 0; n-- {
				if s.words[string(rs[i:i+n])] {
					taken = n
					break
				}
			}
			if known := keep(rs, i, taken); known > taken || known > 1 && known == taken {
				i += known
				continue
			}
			if taken == 0 {
				i++
				continue
			}
			if i > start {
				out = append(out, string(rs[start:i]))
			}
			i += taken
			start = i
		}
		if start < len(rs) {
			out = append(out, string(rs[start:]))
		}
	}
	return out
}

// known is the length of the longest word of the synonyms that a text begins with.
func (l *Lexicon) known(rs []rune) int {
	for n := min(l.longest, len(rs)); n > 1; n-- {
		if _, ok := l.ways[string(rs[:n])]; ok {
			return n
		}
	}
	return 0
}

// heard is the length of the longest stretch, three characters at least, that
// sounds like a word of the synonyms, and that word.
func (l *Lexicon) heard(rs []rune) (int, string) {
	for n := min(l.longest, len(rs)); n > 2; n-- {
		if known := l.spoken[spell(string(rs[:n])).full()]; len(known) > 0 {
			return n, known[0]
		}
	}
	return 0, ""
}

// readAloud turns pinyin, or initials between spaces, into the words of the
// files that sound so; "" when less than half of it does.
func (l *Lexicon) readAloud(words []string) string {
	var out strings.Builder
	var syllables []string
	known, all := 0, 0
	flush := func() {
		for i := 0; i < len(syllables); {
			n := min(6, len(syllables)-i)
			for ; n > 0; n-- {
				if w, ok := l.read[strings.Join(syllables[i:i+n], "")]; ok {
					out.WriteString(w)
					known += n
					break
				}
			}
			i += max(n, 1)
		}
		all += len(syllables)
		syllables = nil
	}
	for _, w := range words {
		if s := cutSyllables(w); len(s) > 0 {
			syllables = append(syllables, s...)
			continue
		}
		flush()
		all += 2
		if at := l.spoken[w]; len(at) > 0 {
			out.WriteString(at[0])
			known += 2
		}
	}
	flush()
	if 2*known < all {
		return ""
	}
	return out.String()
}

// action is a set of things that can be done to what somebody has.
type action uint8

const (
	cancelling action = 1 << iota
	changing
	renewing
	replacing
	pausing
	making
	looking
)

var actionNames = []string{"cancel", "change", "renew", "replace", "pause", "new", "look"}

// officialActions is how names of items call the special actions, in the order
// of actionNames.
var officialActions = []string{"注销 终止 取消", "变更 转移 迁移", "延续 换证 换发 延期", "补办 补发 补领 换领 挂失", "暂停 恢复"}

type actionWord struct {
	word string
	act  action
}

// innocent words hold a word of action and mean something else.
var innocent = strings.NewReplacer("检查", " ", "审查", " ", "调查", " ", "普查", " ", "侦查", " ", "勘查", " ", "改造", " ", "改建", " ", "改革", " ", "转业", " ", "转基因", " ",
	"交换", " ", "更新", " ", "连续", " ", "手续", " ", "继续", " ", "搬运", " ", "变压", " ", "高新", " ", "专精特新", " ", "创新", " ", "研究成果", " ", "科技成果", " ", "成果转化", " ")

// doing is the length of the word of action, two characters at least, that a
// text begins with.
func (l *Lexicon) doing(rs []rune) int {
	for _, w := range l.actions {
		if n := runeLen(w.word); n > 1 && n <= len(rs) && w.act&(making|looking) == 0 && string(rs[:n]) == w.word {
			return n
		}
	}
	return 0
}

// isAction says that a word is one of what is to be done, and so tells little
// about what it is to be done to.
func (l *Lexicon) isAction(word string) bool {
	return slices.ContainsFunc(l.actions, func(w actionWord) bool { return w.word == word })
}

// acts says what a text wants done.
func (l *Lexicon) acts(text string) action {
	text = innocent.Replace(text)
	var out action
	for _, w := range l.actions {
		if strings.Contains(text, w.word) {
			out |= w.act
			text = strings.ReplaceAll(text, w.word, " ")
		}
	}
	return out
}
