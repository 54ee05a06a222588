package dossier

// merge adds a word to those of its place. A source that repeats its last word
// for a later day makes no new line: the line it repeats then speaks for the
// later day, too. A word that adds nothing is dropped.
func merge(facts []Fact, w Fact) []Fact {
	latest, at := -1, false
	for i := range facts {
		f := &facts[i]
		if f.voice() != w.voice() {
			continue
		}
		if f.Value == w.Value && f.Since <= w.AsOf && w.AsOf <= f.AsOf && f.Asked == w.Asked {
			at = true
		}
		if latest < 0 || newer(*f, facts[latest]) > 0 {
			latest = i
		}
	}
	// What a firm declares again it may mean as a new request, so it is a line of its own.
	if at && (w.Source != Declared || facts[latest].Value == w.Value) {
		return facts
	}
	if l := latest; l >= 0 && facts[l].Value == w.Value && w.AsOf > facts[l].AsOf && w.Source.Verified() {
		facts[l].AsOf = w.AsOf
		return facts
	}
	return append(facts, w)
}
