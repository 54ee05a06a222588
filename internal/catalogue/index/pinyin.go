package index

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// spelling is a Chinese text in pinyin without tones. A piece of other letters
// stands in it as it is.
type spelling struct {
	syllables []string
	initials  string // gxjsqy
}

func (s spelling) full() string { return strings.Join(s.syllables, "") }

// readings are words in which a character is not read as it mostly is.
var readings = strings.NewReplacer(
	"银行", "yin hang ", "行业", "hang ye ", "重新", "chong xin ", "重复", "chong fu ", "会计", "kuai ji ", "校准", "jiao zhun ", "校验", "jiao yan ",
	"成长", "cheng zhang ", "增长", "zeng zhang ", "首长", "shou zhang ", "出长", "chu zhang ", "调档", "diao dang ", "调动", "diao dong ", "商调", "shang diao ",
	"参加", "can jia ", "参保", "can bao ", "人参", "ren shen ", "税率", "shui lv ", "效率", "xiao lv ", "长期", "chang qi ", "供应", "gong ying ", "应急", "ying ji ",
	"提供", "ti gong ", "供电", "gong dian ", "供水", "gong shui ", "供用", "gong yong ", "都", "du ", "给付", "ji fu ", "地税", "di shui ", "地址", "di zhi ",
	"车", "che ", "大夫", "dai fu ", "单", "dan ", "查", "cha ", "种", "zhong ", "朝", "chao ", "系", "xi ", "厦", "sha ", "行", "xing ", "薄", "bo ",
)

var pinyinArgs = pinyin.NewArgs()

// sound of a character; "" for one that has none.
var sound = func() func(rune) string {
	var cache sync.Map
	return func(r rune) string {
		if s, ok := cache.Load(r); ok {
			return s.(string)
		}
		s := ""
		if py := pinyin.SinglePinyin(r, pinyinArgs); len(py) > 0 {
			s = py[0]
		}
		cache.Store(r, s)
		return s
	}
}()

// spell reads a normalised text aloud.
func spell(s string) spelling {
	var sp spelling
	var initials strings.Builder
	add := func(syllable string) {
		sp.syllables = append(sp.syllables, syllable)
		initials.WriteByte(syllable[0])
	}
	for _, run := range runs(readings.Replace(s)) {
		if isASCII(run) {
			add(run)
			continue
		}
		for _, r := range run {
			if py := sound(r); py != "" {
				add(py)
			}
		}
	}
	sp.initials = initials.String()
	return sp
}

// Pinyin is a text in full pinyin, to sort by.
func Pinyin(s string) string { return spell(Normalise(s)).full() }

// syllables are all that the characters of the language have, with their
// number, and for each beginning of one the syllables that begin so.
var syllables = sync.OnceValue(func() (t struct {
	number map[string]uint32
	begin  map[string][]uint32
	text   []string
},
) {
	t.number, t.begin = map[string]uint32{}, map[string][]uint32{}
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		s := sound(r)
		if _, known := t.number[s]; s == "" || known || !isASCII(s) {
			continue
		}
		n := uint32(len(t.number))
		t.number[s] = n
		t.text = append(t.text, s)
		for i := 1; i <= len(s); i++ {
			t.begin[s[:i]] = append(t.begin[s[:i]], n)
		}
	}
	return t
})

// soundPair is two neighbouring syllables.
func soundPair(a, b uint32) uint32 { return a<<10 | b }

// cutSyllables cuts letters into syllables; nil when they are no pinyin.
func cutSyllables(letters string) []string {
	whole, rest := cutPinyin(letters, false)
	if rest != "" {
		return nil
	}
	t := syllables()
	var out []string
	for _, n := range whole {
		out = append(out, t.text[n])
	}
	return out
}

// cutPinyin cuts letters into syllables, with as few as possible; the last may
// be the beginning of one when partial. Nil when they are no pinyin.
func cutPinyin(letters string, partial bool) (whole []uint32, rest string) {
	t := syllables()
	type step struct {
		n    int // syllables up to here, 0 for none yet
		from int
	}
	best := make([]step, len(letters)+1)
	best[0] = step{1, 0}
	for i := range letters {
		if best[i].n == 0 {
			continue
		}
		for n := 1; n <= 6 && i+n <= len(letters); n++ {
			if _, ok := t.number[letters[i:i+n]]; !ok {
				continue
			}
			if at := &best[i+n]; at.n == 0 || best[i].n+1 <= at.n {
				*at = step{best[i].n + 1, i}
			}
		}
	}
	end := len(letters)
	if partial {
		for end > 0 && (best[end].n == 0 || end < len(letters) && len(t.begin[letters[end:]]) == 0) {
			end--
		}
	}
	if best[end].n == 0 || end == 0 {
		return nil, ""
	}
	rest = letters[end:]
	for at := end; at > 0; at = best[at].from {
		whole = append([]uint32{t.number[letters[best[at].from:at]]}, whole...)
	}
	return whole, rest
}
