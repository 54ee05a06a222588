package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// DocsPath is the page for people who write programs.
const DocsPath = "/api/docs"

// Routes are the pages of the interface.
func Routes() []httpx.Route {
	return []httpx.Route{httpx.Get(DocsPath, auth.Public, docs)}
}

// docsPage is the document as a page.
type docsPage struct {
	BaseURL string
	Groups  []docsGroup
	Errors  []docsError
}

type docsGroup struct {
	Tag string
	Ops []docsOp
}

type docsOp struct {
	ID, Method, Path string
	Scope            string
	Params           []docsParam
	Statuses         string
	Example          string // the request as a command
}

type docsParam struct {
	Name, In, Type string
	Required       bool
}

type docsError struct {
	Status int
	Text   string // locale key
}

// documented is the document once for all readers.
var documented = sync.OnceValue(func() *server { return newServer(Deps{}) })

func docs(w http.ResponseWriter, r *http.Request) error {
	base := view.ChromeOf(r.Context()).BaseURL
	if base == "" {
		base = "https://" + r.Host
	}
	return view.Render(w, r, http.StatusOK, docsView(newDocsPage(documented(), base)))
}

func newDocsPage(s *server, base string) docsPage {
	p := docsPage{BaseURL: base}
	o := s.api.OpenAPI()
	for _, t := range o.Tags {
		g := docsGroup{Tag: t.Name}
		for _, op := range s.done {
			if slices.Contains(op.Tags, t.Name) {
				g.Ops = append(g.Ops, newDocsOp(o, op, base))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500} {
		p.Errors = append(p.Errors, docsError{status, "api.status." + strconv.Itoa(status)})
	}
	return p
}

func newDocsOp(o *huma.OpenAPI, op operation, base string) docsOp {
	d := docsOp{ID: op.OperationID, Method: op.Method, Path: Prefix + op.Path, Scope: string(op.Scope)}
	for _, p := range op.Parameters {
		d.Params = append(d.Params, docsParam{Name: p.Name, In: p.In, Type: typeOf(o, p.Schema), Required: p.Required})
	}
	if op.RequestBody != nil {
		for _, m := range op.RequestBody.Content {
			schema := m.Schema
			if schema.Ref != "" {
				schema = o.Components.Schemas.SchemaFromRef(schema.Ref)
			}
			for _, name := range fields(schema) {
				d.Params = append(d.Params, docsParam{Name: name, In: "body", Type: typeOf(o, schema.Properties[name]), Required: slices.Contains(schema.Required, name)})
			}
		}
	}
	codes := []string{}
	for code := range op.Responses {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	d.Statuses = strings.Join(codes, " ")
	d.Example = curl(op, base)
	return d
}

// fields of a body: what is required first.
func fields(s *huma.Schema) []string {
	var out []string
	for name := range s.Properties {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		x, y := slices.Index(s.Required, a), slices.Index(s.Required, b)
		switch {
		case x >= 0 && y >= 0:
			return x - y
		case x >= 0:
			return -1
		case y >= 0:
			return 1
		}
		return strings.Compare(a, b)
	})
	return out
}

// typeOf is the type of a value in a few words.
func typeOf(o *huma.OpenAPI, s *huma.Schema) string {
	if s.Ref != "" {
		s = o.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, " | ")
	}
	if s.Format != "" && s.Format != "int64" {
		return s.Format
	}
	return s.Type
}

// curl is the request on the command line.
func curl(op operation, base string) string {
	path := strings.NewReplacer("{id}", "371671-20260302-00001", "{key}", "business_licence", "{code}", "KJ-0007").Replace(op.Path)
	lines := []string{"curl"}
	if op.Method != http.MethodGet {
		lines[0] += " -X " + op.Method
	}
	switch op.OperationID {
	case "list-items":
		path += "?shelf=rnd&limit=20"
	case "list-cases":
		path += "?state=handling&limit=20"
	}
	lines[0] += " '" + base + Prefix + path + "'"
	lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	if op.OperationID == "create-case" {
		lines = append(lines, "-H 'Idempotency-Key: order-20260302-17'")
	}
	if op.OperationID == "attach-file" {
		lines = append(lines, "-F 'file=@licence.pdf'")
	}
	if op.OperationID == "send-piece" {
		lines[0] = strings.TrimSuffix(lines[0], "'") + "?offset=0'"
		lines = append(lines, "-H 'Content-Type: application/octet-stream'", "--data-binary @piece")
	}
	if body := examples[op.OperationID]; body != "" {
		if !json.Valid([]byte(body)) {
			panic("api: the example of " + op.OperationID + " is not JSON")
		}
		lines = append(lines, "-H 'Content-Type: application/json'", "-d '"+body+"'")
	}
	return strings.Join(lines, " \\\n  ")
}

func opTitle(ctx context.Context, id string) string { return i18n.T(ctx, "api.op."+id+".title") }

func paramText(ctx context.Context, name string) string { return i18n.T(ctx, paramKey(name)) }
