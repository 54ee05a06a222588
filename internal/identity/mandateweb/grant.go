package mandateweb

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// grantOf reads what somebody may do out of a form. Only what the form asks for
// is read: whatever else is sent along is nothing.
func (p *Pages) grantOf(f *form.Form, levels []view.Opt) mandate.Grant {
	g := mandate.Grant{Level: auth.LevelAgent, From: f.Text("from", form.Max(10)), Until: f.Text("until", form.Max(10))}
	if len(levels) > 0 {
		g.Level = auth.Level(f.Text("level", form.Required, form.Max(10)))
		if !slices.ContainsFunc(levels, func(o view.Opt) bool { return o.Value == string(g.Level) }) {
			f.Complain("level", "mandate.level", nil)
		}
	}
	if g.Level != auth.LevelAgent { // limits are for agents
		return g
	}
	for _, m := range f.All("modules") {
		g.Modules = append(g.Modules, auth.Module(m))
	}
	if f.Value("scope") == "items" {
		g.Items = slices.Clone(f.All("items"))
		for line := range strings.Lines(f.Text("more", form.Max(4000))) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			it, ok := p.Item(line)
			if !ok {
				f.Complain("more", "mandate.item", map[string]any{"code": line})
				continue
			}
			g.Items = append(g.Items, it.Code)
		}
		if len(g.Items) == 0 && f.OK() {
			f.Complain("items", "mandate.no_items", nil)
		}
	}
	g.ReadOnly = f.Value("act") == "read"
	return g
}

// fill puts an authorisation into a form, to be changed there.
func fill(f *form.Form, m auth.Mandate, popular []Item) {
	v := f.Values()
	v.Set("level", string(m.Level))
	for _, x := range m.Modules {
		v.Add("modules", string(x))
	}
	v.Set("scope", "all")
	var more []string
	for _, code := range m.Items {
		v.Set("scope", "items")
		if slices.ContainsFunc(popular, func(it Item) bool { return it.Code == code }) {
			v.Add("items", code)
		} else {
			more = append(more, code)
		}
	}
	v.Set("more", strings.Join(more, "\n"))
	v.Set("act", "file")
	if m.ReadOnly {
		v.Set("act", "read")
	}
	if !m.Until.IsZero() {
		v.Set("until", i18n.ShortDate(m.Until.Add(-1)))
	}
}

// levelOptions are the levels that the reader may give.
func levelOptions(ctx context.Context, actor auth.Actor, firm string) []view.Opt {
	if !actor.Leads(firm, auth.LevelOwner) {
		return nil
	}
	out := []view.Opt{}
	for _, l := range []auth.Level{auth.LevelAgent, auth.LevelManager} {
		out = append(out, view.Opt{Value: string(l), Label: i18n.T(ctx, "mandate.level."+string(l)), Hint: i18n.T(ctx, "mandate.level."+string(l)+"_hint")})
	}
	return out
}

func moduleOptions(ctx context.Context) []view.Opt {
	out := make([]view.Opt, len(auth.Modules))
	for i, m := range auth.Modules {
		out[i] = view.Opt{Value: string(m), Label: i18n.T(ctx, "mandate.module."+string(m)), Hint: i18n.T(ctx, "mandate.module."+string(m)+"_hint")}
	}
	return out
}

func itemOptions(ctx context.Context, list []Item) []view.Opt {
	out := make([]view.Opt, len(list))
	for i, it := range list {
		out[i] = view.Opt{Value: it.Code, Label: it.Name.For(ctx)}
	}
	return out
}
