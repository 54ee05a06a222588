package privacy

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/platform/files"
)

// Line is one fact. Key names it to programs, the same in each language.
type Line struct{ Key, Label, Value string }

// Part is everything of one kind that is kept about somebody.
type Part struct {
	Key   string // name of its file
	Title string
	Rows  [][]Line
}

// Archive is the copy of somebody's data while it is put together: each part as
// a JSON file, all of them as one page to read, and his own files.
type Archive struct {
	zip   *zip.Writer
	at    time.Time
	parts []Part
	names map[string]bool
}

func newArchive(w io.Writer, at time.Time) *Archive {
	return &Archive{zip: zip.NewWriter(w), at: at, names: map[string]bool{}}
}

// Add adds a part. Facts without a value are left out.
func (a *Archive) Add(p Part) error {
	for i, row := range p.Rows {
		kept := row[:0:0]
		for _, l := range row {
			if l.Value != "" {
				kept = append(kept, l)
			}
		}
		p.Rows[i] = kept
	}
	a.parts = append(a.parts, p)
	rows := make([]map[string]string, 0, len(p.Rows))
	for _, row := range p.Rows {
		m := map[string]string{}
		for _, l := range row {
			m[l.Key] = l.Value
		}
		rows = append(rows, m)
	}
	w, err := a.create(p.Key + ".json")
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(rows)
}

// File adds a file of the person to a folder; two of one name stay apart.
func (a *Archive) File(folder, name string, r io.Reader) error {
	w, err := a.create(path.Join("files", files.CleanName(folder), files.CleanName(name)))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

func (a *Archive) create(name string) (io.Writer, error) {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 2; a.names[name]; n++ {
		name = stem + "-" + strconv.Itoa(n) + ext
	}
	a.names[name] = true
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
	if err != nil {
		return nil, fmt.Errorf("privacy: archive: %w", err)
	}
	return w, nil
}

// page is read without this site, so that it brings its own few lines of style.
var page = template.Must(template.New("copy").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.2rem 1rem;border-top:1px solid #ccc;padding:.6rem 0;margin:0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}</style>
</head><body><h1>{{.Title}}</h1><p>{{.Lead}}</p>
{{range .Parts}}<h2>{{.Title}}</h2>{{if not .Rows}}<p>—</p>{{end}}{{range .Rows}}<dl>{{range .}}<dt>{{.Label}}</dt><dd>{{.Value}}</dd>{{end}}</dl>{{end}}
{{end}}</body></html>
`))

// close writes the page and ends the archive.
func (a *Archive) close(lang, title, lead string) error {
	w, err := a.create("index.html")
	if err != nil {
		return err
	}
	if err := page.Execute(w, map[string]any{"Lang": lang, "Title": title, "Lead": lead, "Parts": a.parts}); err != nil {
		return fmt.Errorf("privacy: archive: %w", err)
	}
	return a.zip.Close()
}
