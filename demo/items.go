package demo

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/catalogue"
)

// written is an item as its file has it: perhaps like another one.
type written struct {
	catalogue.Definition `yaml:",inline"`
	Like                 string `yaml:"like"`
}

// notTaken are the keys that an item never has from the one it is like.
var notTaken = map[string]bool{"code": true, "action": true, "popularity": true, "like": true}

// itemsOf reads a file of items. Each is first read as it stands, so that a
// slip is told with its line, and then completed with what it says it is like.
func itemsOf(files fs.FS, name string, papers map[string]catalogue.Material) ([]catalogue.Definition, error) {
	var all []written
	if err := one(files, name, "items", &all); err != nil {
		return nil, err
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var doc struct {
		Items []yaml.Node `yaml:"items"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&doc); err != nil {
		return nil, fmt.Errorf("demo: %s: %w", name, err)
	}
	nodes := map[string]*yaml.Node{}
	out := make([]catalogue.Definition, len(all))
	for i, w := range all {
		node := &doc.Items[i]
		out[i] = w.Definition
		if w.Like != "" {
			other := nodes[w.Like]
			if other == nil {
				return nil, fmt.Errorf("demo: %s: %s is like %s, which does not stand above it", name, w.Code, w.Like)
			}
			complete(node, other)
			out[i] = catalogue.Definition{}
			if err := node.Decode(&out[i]); err != nil {
				return nil, fmt.Errorf("demo: %s: %s: %w", name, w.Code, err)
			}
		}
		nodes[w.Code] = node
		if err := fromLibrary(out[i].Materials, papers); err != nil {
			return nil, fmt.Errorf("demo: %s: %s: %w", name, w.Code, err)
		}
	}
	return out, nil
}

// complete takes over the keys that an item does not write itself.
func complete(item, from *yaml.Node) {
	has := map[string]bool{}
	for i := 0; i+1 < len(item.Content); i += 2 {
		has[item.Content[i].Value] = true
	}
	for i := 0; i+1 < len(from.Content); i += 2 {
		if key := from.Content[i]; !has[key.Value] && !notTaken[key.Value] {
			item.Content = append(item.Content, key, from.Content[i+1])
		}
	}
	kept := item.Content[:0:0]
	for i := 0; i+1 < len(item.Content); i += 2 {
		if item.Content[i].Value != "like" {
			kept = append(kept, item.Content[i], item.Content[i+1])
		}
	}
	item.Content = kept
}

// library reads the papers that several items ask for.
func library(files fs.FS) (map[string]catalogue.Material, error) {
	var papers []catalogue.Material
	if err := one(files, "catalogue/papers.yaml", "papers", &papers); err != nil {
		return nil, err
	}
	out := make(map[string]catalogue.Material, len(papers))
	for _, p := range papers {
		if _, twice := out[p.Key]; twice || p.Key == "" {
			return nil, fmt.Errorf("demo: catalogue/papers.yaml: paper %q has no key or is there twice", p.Key)
		}
		out[p.Key] = p
	}
	return out, nil
}

// fromLibrary completes materials that name a paper.
func fromLibrary(materials []catalogue.Material, papers map[string]catalogue.Material) error {
	for i := range materials {
		m := &materials[i]
		if m.Paper == "" {
			continue
		}
		p, ok := papers[m.Paper]
		if !ok {
			return fmt.Errorf("there is no paper %q in catalogue/papers.yaml", m.Paper)
		}
		take(&m.Key, p.Key)
		take(&m.Name, p.Name)
		take(&m.Need, catalogue.Required)
		take(&m.Kind, p.Kind)
		take(&m.Medium, p.Medium)
		take(&m.Copies, 1)
		take(&m.Source, p.Source)
		take(&m.Issuer, p.Issuer)
		take(&m.Standard, p.Standard)
		take(&m.SatisfiedBy, p.SatisfiedBy)
		m.Commitment, m.Original = m.Commitment || p.Commitment, m.Original || p.Original
		m.Expires = m.Expires || p.Expires
		m.ValidMonths, m.LateDays = cmp.Or(m.ValidMonths, p.ValidMonths), cmp.Or(m.LateDays, p.LateDays)
	}
	return nil
}

// take fills in what is not written.
func take[T comparable](v *T, from T) {
	var none T
	if *v == none {
		*v = from
	}
}
