package pdf

import "strings"

// Characters that must not begin a line, and those that must not end one
// (避头尾, GB/T 15834 and CLREQ).
const (
	noStart = "，。、；：？！）】》」』〕〉〗”’％‰℃°·…—～～,.;:?!)]}%/-•々ー"
	noEnd   = "（【《「『〔〈〖“‘￥＄([{$#@"
)

// wide says that a character stands for itself in a line: Han, kana, and
// full-width signs may part anywhere that the lists above allow.
func wide(r rune) bool {
	return r >= 0x2E80 && r <= 0xA4CF || r >= 0xAC00 && r <= 0xD7A3 || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F || r >= 0xFF00 && r <= 0xFFEF ||
		r >= 0x20000 && r <= 0x3FFFF || strings.ContainsRune("，。、；：？！（）【】《》「」“”‘’…—·", r)
}

// mayBreak says whether a line may end between two characters.
func mayBreak(a, b rune) bool {
	switch {
	case b == ' ' || b == '\n':
		return false // a space hangs at the end of its line
	case a == ' ':
		return true
	case strings.ContainsRune(noEnd, a) && (wide(a) || wide(b)), strings.ContainsRune(noStart, b) && (wide(b) || wide(a)):
		return false
	case a == '-' || a == '/':
		return !wide(b) && !digit(b) // a long word or address; numbers stay whole
	default:
		return wide(a) || wide(b)
	}
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// breakLines parts a text into lines no wider than width; the first is shorter
// by indent. A word wider than a line is cut.
func breakLines(text string, width, indent float64, measure func(rune) float64) []line {
	var out []line
	for _, para := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		runes := []rune(strings.TrimRight(para, " \t"))
		room, from := width-indent, 0
		indent = 0 // of the first paragraph only
		used, last := 0.0, -1
		for i := 0; i < len(runes); i++ {
			w := measure(runes[i])
			if used+w > room && runes[i] != ' ' && i > from {
				cut := last
				if cut <= from {
					cut = i
				}
				out = append(out, line{runes: trimmed(runes[from:cut])})
				for from = cut; from < len(runes) && runes[from] == ' '; from++ {
				}
				room, used, last = width, 0, -1
				i = from - 1
				continue
			}
			used += w
			if i+1 < len(runes) && mayBreak(runes[i], runes[i+1]) {
				last = i + 1
			}
		}
		out = append(out, line{runes: trimmed(runes[from:]), last: true})
	}
	return out
}

// line of a paragraph; the last one is not stretched.
type line struct {
	runes []rune
	last  bool
}

func trimmed(r []rune) []rune {
	for len(r) > 0 && r[len(r)-1] == ' ' {
		r = r[:len(r)-1]
	}
	return r
}
