package docs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Facts are what a document says, in both languages: values by name, and tables.
type Facts struct {
	Text map[string]i18n.Text     `json:"text"`
	List map[string][][]i18n.Text `json:"list,omitempty"`
}

// NewFacts makes room for facts.
func NewFacts() Facts {
	return Facts{Text: map[string]i18n.Text{}, List: map[string][][]i18n.Text{}}
}

// Set gives a fact; an empty one is none.
func (f Facts) Set(name string, t i18n.Text) {
	if strings.TrimSpace(t.ZH) != "" {
		f.Text[name] = t
	}
}

// Say gives a fact that is the same in both languages.
func (f Facts) Say(name, s string) { f.Set(name, i18n.Text{ZH: s}) }

// Flag notes that something is the case.
func (f Facts) Flag(name string, is bool) {
	if is {
		f.Say(name, "1")
	}
}

// Add adds a row to a table.
func (f Facts) Add(table string, row ...i18n.Text) { f.List[table] = append(f.List[table], row) }

func (f Facts) has(name string) bool { return !f.Text[name].IsZero() || len(f.List[name]) > 0 }

// Document is one paper of a case.
type Document struct {
	Kind    string    `json:"kind"`
	Version int       `json:"version"`
	Number  string    `json:"number"`
	At      time.Time `json:"at"` // of the event, and so the date of the paper
	Facts   Facts     `json:"facts"`
}

// Hash is the fingerprint of all that a document says: SHA-256 over its JSON,
// with names in order. It stands on the paper and on the page that verifies it.
func (d Document) Hash() string {
	d.At = d.At.UTC().Truncate(time.Millisecond) // as the database gives it back
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and a time
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Short writes the beginning of a fingerprint, or a code, in groups of four.
func Short(s string, n int) string {
	s = s[:min(n, len(s))]
	var parts []string
	for ; len(s) > 4; s = s[4:] {
		parts = append(parts, s[:4])
	}
	return strings.Join(append(parts, s), "-")
}
