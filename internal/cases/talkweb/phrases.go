package talkweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// phrasesPage lists the canned texts of the reader's departments, with a form
// for one more, or one of them to change.
type phrasesPage struct {
	list    []talk.Phrase
	kept    []view.Opt
	f       *form.Form
	editing *talk.Phrase
}

func (p *Pages) phrases(w http.ResponseWriter, r *http.Request) error {
	return p.phrasesShow(w, r, form.New("use", string(talk.ForMessage)), nil)
}

func (p *Pages) phrasesShow(w http.ResponseWriter, r *http.Request, f *form.Form, editing *talk.Phrase) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := phrasesPage{f: f, editing: editing}
	var err error
	if d.list, err = p.Talk.Phrases(ctx, talk.Kept(actor)); err != nil {
		return err
	}
	for _, id := range talk.Kept(actor) {
		d.kept = append(d.kept, view.Opt{Value: id, Label: p.Identity.Directory().Department(id).Name.For(ctx)})
	}
	if len(d.kept) > 0 && f.Value("department") == "" {
		f.Values().Set("department", d.kept[0].Value)
	}
	return view.Render(w, r, f.Status(), phrasesView(d))
}

// phraseIn reads the form.
func phraseIn(f *form.Form) talk.Phrase {
	return talk.Phrase{
		Department: f.Text("department", form.Required, form.Max(64)), Use: talk.Use(f.Text("use", form.Required)),
		Title: f.Text("title", form.Required, form.Max(50)), Text: f.Text("text", form.Required, form.Max(1000)),
	}
}

func (p *Pages) addPhrase(w http.ResponseWriter, r *http.Request) error {
	return p.savePhrase(w, r, nil)
}

func (p *Pages) phrase(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Talk.Phrase(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.phrasesShow(w, r, form.New("department", x.Department, "use", string(x.Use), "title", x.Title, "text", x.Text), &x)
}

func (p *Pages) changePhrase(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Talk.Phrase(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.savePhrase(w, r, &x)
}

func (p *Pages) savePhrase(w http.ResponseWriter, r *http.Request, old *talk.Phrase) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := phraseIn(f)
	if old != nil {
		in.ID, in.Department, in.Version = old.ID, old.Department, int(f.Int("version", 1, 1<<31, true))
	}
	if f.OK() {
		_, err := p.Talk.SavePhrase(r.Context(), auth.From(r.Context()), in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "talk.phrases.saved")
			return httpx.SeeOther(w, r, "/work/phrases")
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.phrasesShow(w, r, f, old)
}

func (p *Pages) removePhrase(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Talk.RemovePhrase(r.Context(), auth.From(r.Context()), r.PathValue("id"), int(f.Int("version", 1, 1<<31, true))); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "talk.phrases.removed")
	return httpx.SeeOther(w, r, "/work/phrases")
}

func (d phrasesPage) action() string {
	if d.editing != nil {
		return "/work/phrases/" + d.editing.ID
	}
	return "/work/phrases"
}

func (d phrasesPage) departmentName(id string) string {
	for _, o := range d.kept {
		if o.Value == id {
			return o.Label
		}
	}
	return ""
}

func (d phrasesPage) of(use talk.Use) []talk.Phrase {
	var out []talk.Phrase
	for _, p := range d.list {
		if p.Use == use {
			out = append(out, p)
		}
	}
	return out
}

func (d phrasesPage) ins(ctx context.Context) []view.In {
	var uses []view.Opt
	for _, u := range talk.Uses {
		uses = append(uses, view.Opt{Value: string(u), Label: i18n.T(ctx, "talk.use."+string(u)), Hint: i18n.T(ctx, "talk.use."+string(u)+".hint")})
	}
	names := make([]string, len(talk.Placeholders))
	for i, x := range talk.Placeholders {
		names[i] = i18n.T(ctx, "talk.placeholder", "name", "{"+x+"}", "what", i18n.T(ctx, "talk.placeholder."+x))
	}
	return []view.In{
		{Name: "department", Label: i18n.T(ctx, "talk.phrases.department"), Options: d.kept, Required: true, Width: "md"},
		{Name: "use", Label: i18n.T(ctx, "talk.phrases.use"), Options: uses, Required: true},
		{Name: "title", Label: i18n.T(ctx, "talk.phrases.name"), Hint: i18n.T(ctx, "talk.phrases.name_hint"), Required: true, MaxLength: 50, Width: "md"},
		{Name: "text", Label: i18n.T(ctx, "talk.phrases.text"), Hint: i18n.T(ctx, "talk.phrases.text_hint", "list", strings.Join(names, i18n.T(ctx, "talk.comma"))), Required: true, MaxLength: 1000, Rows: 4},
	}
}
