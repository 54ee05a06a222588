package dossier

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// The classification of industries GB/T 4754-2017: a code and its name a line.
//
//go:embed codes/industries.txt
var industryTable string

// Abolished divisions of GB/T 2260 with those that took their place.
//
//go:embed codes/divisions-old.txt
var oldDivisions string

var industries = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(industryTable) {
		code, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[code] = name
	}
	return out
})

var replaced = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(oldDivisions) {
		f := strings.Fields(line)
		out[f[0]] = f[1:]
	}
	return out
})

// IndustryDivisions are the divisions of GB/T 4754-2017 (two figures), with the
// letter of their section, in order.
func IndustryDivisions() []Option {
	var out []Option
	for code, name := range industries() {
		if len(code) == 3 {
			out = append(out, Option{Key: code, Name: i18n.Text{ZH: name}})
		}
	}
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// Industry returns the name of an industry of GB/T 4754-2017. The letter of the
// section may be missing, as many registers leave it out.
func Industry(code string) (whole, name string, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if name, ok = industries()[code]; ok {
		return code, name, true
	}
	for section := 'A'; section <= 'T' && code != "" && code[0] >= '0' && code[0] <= '9'; section++ {
		if name, ok = industries()[string(section)+code]; ok {
			return string(section) + code, name, true
		}
	}
	return "", "", false
}

// Region returns the division of today for a code of GB/T 2260: an abolished one
// is followed to the one that took its place, if there is exactly one.
func Region(code string) (today string, old, ok bool) {
	code = strings.TrimSpace(code)
	for range 5 { // divisions were abolished one after another
		if _, known := division.Known().Find(code); known {
			return code, old, true
		}
		next := replaced()[code]
		if len(next) != 1 {
			return "", old, false
		}
		code, old = next[0], true
	}
	return "", old, false
}
