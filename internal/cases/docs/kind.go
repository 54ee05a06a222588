package docs

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

//go:embed kinds/*.yaml
var files embed.FS

// Reader of a document.
type Reader string

// The readers: the applicant and who acts for him; staff who may read the file.
const (
	Applicant Reader = "applicant"
	Staff     Reader = "staff"
)

// Kind of a document at one version.
type Kind struct {
	Key       string      `yaml:"key"`
	Version   int         `yaml:"version"`
	Mark      string      `yaml:"mark"` // in its number: the first letters of what it is called
	Title     i18n.Text   `yaml:"title"`
	Events    []string    `yaml:"event"`   // commands that call for it
	Outcomes  []string    `yaml:"outcome"` // of a decision; empty for any
	When      string      `yaml:"when"`    // a fact or a table that must be there
	Readers   []Reader    `yaml:"readers"`
	Seal      bool        `yaml:"seal"`       // has room for the seal
	Signer    string      `yaml:"signer"`     // "applicant": it is his word, not the body's
	ItemBasis bool        `yaml:"item_basis"` // cites the basis of the item too
	Basis     []i18n.Text `yaml:"basis"`
	Changes   []string    `yaml:"changes"` // kinds of the same case whose word no longer holds after it
	Revokes   []string    `yaml:"revokes"` // kinds of the same case that prove nothing any more after it
	Shown     []string    `yaml:"shown"`   // facts that whoever verifies it compares with the paper
	Blocks    []Block     `yaml:"blocks"`
}

// Block is one part of the text, of one of the sorts below, shown if a fact is
// there and unless another is.
type Block struct {
	If      string      `yaml:"if"`
	Unless  string      `yaml:"unless"`
	To      i18n.Text   `yaml:"to"` // whom it addresses
	P       i18n.Text   `yaml:"p"`
	H       i18n.Text   `yaml:"h"`
	Small   i18n.Text   `yaml:"small"`
	Big     Label       `yaml:"big"`
	Picture Label       `yaml:"picture"`
	Facts   []Label     `yaml:"facts"` // those that are there
	Table   Table       `yaml:"table"`
	Lines   []i18n.Text `yaml:"lines"` // to be filled in by hand
}

// Label names a fact.
type Label struct {
	Fact  string    `yaml:"fact"`
	Label i18n.Text `yaml:"label"`
}

// Table shows the rows of a list; their numbers are set in front.
type Table struct {
	Rows   string      `yaml:"rows"`
	Shares []float64   `yaml:"shares"`
	Heads  []i18n.Text `yaml:"heads"`
}

// order in which a case shows them where one event left several.
var order = []string{
	"receipt", "commitment", "supplement", "refusal", "acceptance", "tolerance", "payment", "transfer", "return", "special", "extension", "award", "grant", "grant_part", "deny", "ending", "withdrawal", "expiry", "unaccept", "delivery", "revocation",
}

type register struct {
	newest []Kind
	all    map[string]Kind // key.version
}

var load = sync.OnceValue(func() register {
	r, err := read(files)
	if err != nil {
		panic(err) // they lie in the program: a test has read them
	}
	return r
})

func read(from fs.FS) (register, error) {
	r := register{all: map[string]Kind{}}
	names, err := fs.Glob(from, "kinds/*.yaml")
	if err != nil {
		return r, err
	}
	newest := map[string]Kind{}
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return r, err
		}
		var k Kind
		if bad := yamlx.Decode(string(text), &k); len(bad) > 0 {
			return r, fmt.Errorf("docs: %s: %+v", name, bad)
		}
		id := fmt.Sprintf("%s.%d", k.Key, k.Version)
		if strings.TrimSuffix(path.Base(name), ".yaml") != id {
			return r, fmt.Errorf("docs: %s says that it is %s", name, id)
		}
		r.all[id] = k
		if k.Version > newest[k.Key].Version {
			newest[k.Key] = k
		}
	}
	for _, key := range order {
		k, ok := newest[key]
		if !ok {
			return r, fmt.Errorf("docs: no file for %s", key)
		}
		r.newest = append(r.newest, k)
	}
	if len(newest) != len(order) {
		return r, fmt.Errorf("docs: %d kinds, %d in the order", len(newest), len(order))
	}
	return r, nil
}

// Kinds lists the newest version of each kind, in the order of a case's life.
func Kinds() []Kind { return load().newest }

// At returns a kind at the version that a document was made with.
func At(key string, version int) (Kind, bool) {
	k, ok := load().all[fmt.Sprintf("%s.%d", key, version)]
	return k, ok
}

// For lists the kinds that an event calls for, whatever else they need.
func For(event, outcome string) []Kind {
	var out []Kind
	for _, k := range load().newest {
		if slices.Contains(k.Events, event) && (len(k.Outcomes) == 0 || slices.Contains(k.Outcomes, outcome)) {
			out = append(out, k)
		}
	}
	return out
}

// Due says whether the facts hold what the kind needs.
func (k Kind) Due(f Facts) bool { return k.When == "" || f.has(k.When) }

// ReadBy says whether a reader may have it.
func (k Kind) ReadBy(r Reader) bool { return slices.Contains(k.Readers, r) }
