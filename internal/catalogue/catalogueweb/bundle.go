package catalogueweb

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// stepItems are the items of a bundle in the versions that it is made of.
func (p *Pages) stepItems(ctx context.Context, it *catalogue.Item) ([]*catalogue.Item, error) {
	var out []*catalogue.Item
	for _, step := range it.Bundle.Steps() {
		one, err := p.Service.Version(ctx, step.VersionID)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// ladder shows the steps of a bundle before anything begins.
func (g guidePage) ladder(ctx context.Context) []view.LadderGroup {
	var out []view.LadderGroup
	n := 0
	for i, group := range g.Item.Bundle.Groups {
		x := view.LadderGroup{Name: group.Name.For(ctx)}
		var notes []string
		if len(group.Items) > 1 {
			notes = append(notes, i18n.T(ctx, "orders.group.parallel"))
		}
		if i > 0 {
			notes = append(notes, i18n.T(ctx, "orders.guide.after"))
		}
		x.Note = strings.Join(notes, " · ")
		for _, step := range group.Items {
			it := g.Steps[n]
			n++
			r := view.Rung{N: n, Text: step.Name.For(ctx), Href: "/items/" + step.Item, State: view.StepTodo}
			note := g.Directory.Department(it.Department).Name.For(ctx)
			if s := SpeedWords(ctx, it); s != "" {
				note += " · " + s
			}
			r.Notes = []string{note}
			if step.When != "" {
				r.Notes = append(r.Notes, whenWords(ctx, g.Item.Definition, step.When))
			}
			x.Rungs = append(x.Rungs, r)
		}
		out = append(out, x)
	}
	return out
}

// single is how long the steps take one by one, "" when it is not longer.
func (g guidePage) single(ctx context.Context) string {
	if g.Item.Bundle == nil {
		return ""
	}
	if all := catalogue.SumOf(g.Steps); all.N > g.Item.Promised.N && all.Unit == g.Item.Promised.Unit {
		return i18n.T(ctx, "orders.guide.single", "limit", LimitWords(ctx, all))
	}
	return ""
}

// usedMaterial is a material of a bundle with the steps that it serves.
type usedMaterial struct {
	catalogue.Material
	By []i18n.Text
}

// words name the steps, when there are several.
func (m usedMaterial) words(ctx context.Context) string {
	if len(m.By) < 2 {
		return ""
	}
	names := make([]string, len(m.By))
	for i, n := range m.By {
		names[i] = n.For(ctx)
	}
	return i18n.T(ctx, "orders.guide.also", "items", strings.Join(names, i18n.T(ctx, "catalogue.comma")))
}

// used lists the materials of an item; of a bundle, with what each is for.
func used(it *catalogue.Item) []usedMaterial {
	out := make([]usedMaterial, len(it.Materials))
	for i, m := range it.Materials {
		out[i].Material = m
		for _, step := range it.Bundle.Steps() {
			for _, merged := range step.Materials {
				if merged == m.Key {
					out[i].By = append(out[i].By, step.Name)
					break
				}
			}
		}
	}
	return out
}

// suppliedMaterial is what nobody hands in, because an earlier step issues it.
type suppliedMaterial struct {
	Material, Step i18n.Text
	N              int // of the step that issues it
}

// supplied lists what earlier steps issue for later ones, each paper once.
func (g guidePage) supplied() []suppliedMaterial {
	var out []suppliedMaterial
	if g.Item.Bundle == nil {
		return out
	}
	steps := g.Item.Bundle.Steps()
	for i, it := range g.Steps {
		for _, m := range it.Materials {
			if merged, ok := steps[i].Materials[m.Key]; !ok || merged != "" || slices.ContainsFunc(out, func(x suppliedMaterial) bool { return x.Material.ZH == m.Name.ZH }) {
				continue
			}
			from := slices.IndexFunc(g.Steps[:i], func(e *catalogue.Item) bool {
				return e.Result.CertificateType != "" && e.Result.CertificateType == m.SatisfiedBy
			})
			if from >= 0 {
				out = append(out, suppliedMaterial{Material: m.Name, Step: steps[from].Name, N: from + 1})
			}
		}
	}
	return out
}
