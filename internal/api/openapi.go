package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
)

// schemeName names the way of signing in within the document.
const schemeName = "token"

// examples of bodies, by operation.
var examples = map[string]string{
	"create-case": `{
  "item": "KJ-0007",
  "enterprise_uscc": "91371671MA3TB0009L",
  "answers": {"contact_name": "赵启明", "contact_phone": "13900010001"},
  "collect": "electronic"
}`,
	"save-answers": `{"answers": {"contact_name": "孙晓岚", "contact_phone": "13900010002"}}`,
	"set-material": `{"until": "2027-06-30"}`,
	"begin-upload": `{"name": "图纸.pdf", "size": 7340032, "mark": "2026-03-02"}`,
	"say-enterprise": `{
  "uscc": "91371671MA3TB0009L",
  "register": "tax",
  "as_of": "2026-02-28",
  "facts": [{"key": "revenue", "year": 2025, "value": "42000000.00"}]
}`,
	"verify-certificate": `{"identifier": "1.2.156.3005.2.11371671MB0A00026N001.11371671MB0A00026N.SYXK2021011.001.6"}`,
	"use-certificate":    `{"reason": "核对投标人的许可证"}`,
	"issue-certificate": `{
  "certificate_type": "lab_animal_permit",
  "certificate_number": "SYXK-2026-021",
  "holder": "91371671MA3TB0009L",
  "valid_from": "2026-03-02",
  "valid_to": "2031-03-01"
}`,
	"revoke-certificate": `{"reason": "企业申请注销"}`,
	"withdraw-case":      `{"reason": "项目调整，暂不申请"}`,
}

func config() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Tongban", Version: "1"},
			Servers: []*huma.Server{{URL: Prefix}},
			Tags:    []*huma.Tag{{Name: "items"}, {Name: "cases"}, {Name: "materials"}, {Name: "messages"}, {Name: "documents"}, {Name: "enterprises"}, {Name: "certificates"}},
			Components: &huma.Components{
				Schemas:         registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{schemeName: {Type: "http", Scheme: "bearer"}},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": asJSON, "json": asJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// registered returns the operation as it stands in the document.
func registered(o *huma.OpenAPI, method, path string) *huma.Operation {
	p := o.Paths[path]
	for _, op := range []*huma.Operation{p.Get, p.Post, p.Put, p.Delete} {
		if op != nil && op.Method == method {
			return op
		}
	}
	panic("api: " + method + " " + path + " is not in the document")
}

// OpenAPI returns the document of the interface, in English.
func OpenAPI() ([]byte, error) {
	texts, err := locales.Load()
	if err != nil {
		return nil, err
	}
	documents, err := newServer(Deps{Texts: texts}).documents(texts)
	return documents[i18n.English], err
}

// documents returns the document in each language.
func (s *server) documents(texts *i18n.Catalog) (map[i18n.Locale][]byte, error) {
	out := map[i18n.Locale][]byte{}
	for _, l := range i18n.Locales {
		s.describe(texts, l)
		b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("api: document: %w", err)
		}
		out[l] = append(b, '\n')
	}
	return out, nil
}

// describe writes the texts of a language into the document. Where a property
// has a text of its own name, it gets it.
func (s *server) describe(texts *i18n.Catalog, l i18n.Locale) {
	o := s.api.OpenAPI()
	text := func(key string) string {
		t, _ := texts.Raw(l, key)
		return t
	}
	o.Info.Title, o.Info.Description = text("api.title"), text("api.lead")
	o.Components.SecuritySchemes[schemeName].Description = text("api.about.token.text")
	for _, t := range o.Tags {
		t.Description = text("api.tag." + t.Name)
	}
	for _, op := range s.done {
		op.Summary, op.Description = text("api.op."+op.OperationID+".title"), text("api.op."+op.OperationID+".text")
		for _, p := range op.Parameters {
			p.Description = text(paramKey(p.Name))
		}
		if op.RequestBody == nil {
			continue
		}
		for kind, m := range op.RequestBody.Content {
			if kind == "application/json" && examples[op.OperationID] != "" {
				m.Example = json.RawMessage(examples[op.OperationID])
			}
			for name, p := range m.Schema.Properties {
				p.Description = text(paramKey(name))
			}
		}
	}
	for _, schema := range o.Components.Schemas.Map() {
		for name, p := range schema.Properties {
			if d := text(paramKey(name)); d != "" && p.Ref == "" {
				p.Description = d
			}
		}
	}
}

// paramKey is the key of the text about a parameter or property.
func paramKey(name string) string {
	return "api.param." + strings.ReplaceAll(strings.ToLower(name), "-", "_")
}
