package catalogue

import (
	"github.com/tongban/tongban/internal/catalogue/index"
)

// Hit is an item that a search found. The score lies between 0 and about 1 and
// compares hits of one search only.
type Hit struct {
	Item  *Item
	Score float64
}

// How much a match in another text of an item says, against one in its name.
const (
	inSummary    = 0.35
	inResult     = 0.35
	inTheme      = 0.30
	inAgency     = 0.25
	inEnglish    = 0.20 // the summary in English
	inMaterial   = 0.20
	inConditions = 0.12

	longestCondition = 300 // characters; real sheets quote whole articles of law there
)

// Document is what the index knows of an item.
func Document(d Definition) index.Doc {
	doc := index.Doc{
		Name: d.Name.ZH, English: d.Name.EN, Main: d.Main.ZH, Keywords: d.Keywords, Codes: []string{d.Code, d.BaseCode, d.ImplCode, d.LocalCode},
		Lookup: d.Asks() == KindLookup, Popularity: d.Popularity,
	}
	if d.Action != "" && d.Action != ActOther {
		doc.Actions = []string{string(d.Action)}
	}
	add := func(text string, weight float64) {
		if text != "" {
			doc.Fields = append(doc.Fields, index.Field{Text: text, Weight: weight})
		}
	}
	add(d.Summary.ZH, inSummary)
	add(d.Summary.EN, inEnglish)
	add(d.Result.Name.ZH, inResult)
	add(d.Agency.Name.ZH, inAgency)
	for _, t := range d.Themes {
		add(t, inTheme)
	}
	for _, m := range d.Materials {
		add(m.Name.ZH, inMaterial)
	}
	for _, s := range d.Bundle.Steps() {
		add(s.Name.ZH, inSummary)
	}
	for _, c := range d.Conditions {
		text := c.ZH
		if rs := []rune(text); len(rs) > longestCondition {
			text = string(rs[:longestCondition])
		}
		add(text, inConditions)
	}
	return doc
}

func newIndex(items []*Item, synonyms [][]string) *index.Index {
	docs := make([]index.Doc, len(items))
	for i, it := range items {
		docs[i] = Document(it.Definition)
	}
	var lexicon *index.Lexicon // that of the product
	if len(synonyms) > 0 {
		lexicon = index.NewLexicon(synonyms)
	}
	return index.New(docs, lexicon)
}

// Search returns the items that fit what somebody typed, best first, at most
// limit (20 when not given). Package index says how.
func (s *Snapshot) Search(query string, limit int, f Filter) []Hit {
	return s.hits(s.index.Search(query, limit, s.passing(f)))
}

// Suggest completes what somebody is typing: what Search finds, those whose
// name begins with it first, also in pinyin.
func (s *Snapshot) Suggest(prefix string, n int) []Hit {
	return s.hits(s.index.Suggest(prefix, n, nil))
}

func (s *Snapshot) passing(f Filter) func(int) bool {
	if f == (Filter{}) {
		return nil
	}
	return func(i int) bool { return f.passes(s.items[i], noFacet) }
}

func (s *Snapshot) hits(found []index.Hit) []Hit {
	if len(found) == 0 {
		return nil
	}
	out := make([]Hit, len(found))
	for i, h := range found {
		out[i] = Hit{Item: s.items[h.Doc], Score: h.Score}
	}
	return out
}
