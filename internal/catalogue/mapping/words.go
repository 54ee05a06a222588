package mapping

import "slices"

// ReasonUnknown is the reason of a finding about a value that means nothing.
const ReasonUnknown = "mapping.unknown"

// WordsOf lists what a column may hold, as far as it is a choice: the words that
// the mapping translates, then our own for its fields. Nil for free text.
func (m *Mapping) WordsOf(column string) []string {
	var out []string
	add := func(word string) {
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	for _, c := range m.Columns {
		if c.Name != column {
			continue
		}
		for _, name := range c.Fields {
			words, _ := m.Values.of(name)
			for _, w := range words {
				add(w.Theirs)
			}
			if f, ok := fieldNamed(name); ok || len(words) > 0 {
				for _, v := range vocabOf(name, f) {
					add(v)
				}
			}
		}
	}
	return out
}
