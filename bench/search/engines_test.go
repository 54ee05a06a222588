package search

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	_ "modernc.org/sqlite"

	"github.com/tongban/tongban/internal/catalogue/index"
)

// engine is something that finds documents.
type engine interface {
	build(b testing.TB, docs []index.Doc)
	search(question string, n int) []int
	size() int64
}

// ours is the index of the catalogue.
type ours struct{ *index.Index }

func (o *ours) build(_ testing.TB, docs []index.Doc) { o.Index = index.New(docs, nil) }
func (o *ours) size() int64                          { return o.Size() }

func (o *ours) search(question string, n int) []int {
	var out []int
	for _, h := range o.Search(question, n, nil) {
		out = append(out, h.Doc)
	}
	return out
}

// text of a document for engines that know one field.
func text(d index.Doc) string {
	parts := []string{d.Main}
	parts = append(parts, d.Keywords...)
	for _, f := range d.Fields {
		parts = append(parts, f.Text)
	}
	return strings.Join(parts, " ")
}

// fts5 is SQLite's full-text search with trigrams. A question becomes its
// trigrams, any of which may be there, ranked by bm25 with the name counting
// ten times.
type fts5 struct {
	db   *sql.DB
	path string
}

func (f *fts5) build(b testing.TB, docs []index.Doc) {
	f.path = filepath.Join(b.TempDir(), "fts.db")
	db, err := sql.Open("sqlite", f.path+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	f.db = db
	if _, err := db.Exec(`CREATE VIRTUAL TABLE item USING fts5(name, body, tokenize='trigram')`); err != nil {
		b.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.Prepare(`INSERT INTO item (rowid, name, body) VALUES (?,?,?)`)
	if err != nil {
		b.Fatal(err)
	}
	for i, d := range docs {
		if _, err := insert.Exec(i+1, d.Name, text(d)); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

func (f *fts5) search(question string, n int) []int {
	rs := []rune(index.Normalise(question))
	var parts []string
	for i := 0; i+3 <= len(rs); i++ {
		parts = append(parts, `"`+string(rs[i:i+3])+`"`)
	}
	if len(parts) == 0 {
		return nil // trigrams cannot find words of two characters
	}
	rows, err := f.db.Query(`SELECT rowid FROM item WHERE item MATCH ? ORDER BY bm25(item, 10, 1) LIMIT ?`, strings.Join(parts, " OR "), n)
	if err != nil {
		return nil
	}
	defer rows.Close()
	var out []int
	for rows.Next() {
		var id int
		if rows.Scan(&id) == nil {
			out = append(out, id-1)
		}
	}
	return out
}

func (f *fts5) size() int64 { return onDisk(f.path) }

// bleveIndex is bleve with pairs of characters, on disk.
type bleveIndex struct {
	index bleve.Index
	path  string
}

func (l *bleveIndex) build(b testing.TB, docs []index.Doc) {
	l.path = filepath.Join(b.TempDir(), "bleve")
	mapping := bleve.NewIndexMapping()
	mapping.DefaultAnalyzer = "cjk"
	x, err := bleve.New(l.path, mapping)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = x.Close() })
	l.index = x
	batch := x.NewBatch()
	for i, d := range docs {
		if err := batch.Index(fmt.Sprint(i), map[string]string{"name": d.Name, "body": text(d)}); err != nil {
			b.Fatal(err)
		}
		if batch.Size() >= 2000 || i == len(docs)-1 {
			if err := x.Batch(batch); err != nil {
				b.Fatal(err)
			}
			batch = x.NewBatch()
		}
	}
}

func (l *bleveIndex) search(question string, n int) []int {
	name, body := bleve.NewMatchQuery(question), bleve.NewMatchQuery(question)
	name.SetField("name")
	name.SetBoost(10)
	body.SetField("body")
	found, err := l.index.Search(bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(name, body), n, 0, false))
	if err != nil {
		return nil
	}
	var out []int
	for _, h := range found.Hits {
		var id int
		if _, err := fmt.Sscan(h.ID, &id); err == nil {
			out = append(out, id)
		}
	}
	return out
}

func (l *bleveIndex) size() int64 { return onDisk(l.path) }

func onDisk(path string) int64 {
	total := int64(0)
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}
