package catalogueweb

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// deskThemes edits all themes, and their order.
type deskThemes struct {
	Stamp    string
	Editor   re.Editor
	Saved    bool
	Conflict bool
}

// allThemes is the list of themes as one thing to edit.
type allThemes struct {
	Themes []catalogue.Theme `json:"themes"`
}

var themeNodes = []re.Node{{
	Key: "themes", Kind: re.List, ID: "key", Auto: "theme_", Title: "name", Flat: true, Label: "catalogue.tab.themes", Hint: "catalogue.themes.hint",
	Nodes: []re.Node{
		{Key: "name", Kind: re.Text, Required: true, Max: 50},
		{Key: "group", Kind: re.Choice, Source: "groups", Label: "catalogue.themes.group"},
		{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
	},
}}

// editThemes shows the themes, or saves them.
func (p *Pages) editThemes(w http.ResponseWriter, r *http.Request) error {
	themes, err := p.Service.AllThemes(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	page := deskThemes{Stamp: catalogue.ThemesStamp(themes)}
	if r.Method == http.MethodPost {
		return p.saveThemes(w, r, page)
	}
	tree, err := re.Tree(allThemes{themes})
	if err != nil {
		return err
	}
	page.Saved = r.URL.Query().Get("done") == "saved"
	return p.showThemes(w, r, page, form.FromValues(re.Values(themeNodes, tree, func(string) bool { return false })), http.StatusOK)
}

func (p *Pages) saveThemes(w http.ResponseWriter, r *http.Request, page deskThemes) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	now := page.Stamp
	page.Stamp = f.Value("stamp")
	if do := f.Value("do"); strings.Contains(do, "|") {
		focus, ok := re.Do(themeNodes, f.Values(), do)
		if !ok {
			return form.ErrUnreadable
		}
		page.Editor.Focus = focus
		return p.showThemes(w, r, page, f, http.StatusOK)
	}
	tree := map[string]any{}
	re.Read(themeNodes, f, tree)
	var next allThemes
	if err := re.Into(tree, &next); err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if f.OK() {
		err := p.Service.SaveThemes(r.Context(), auth.From(r.Context()), next.Themes, page.Stamp)
		switch {
		case err == nil:
			return httpx.SeeOther(w, r, "/admin/catalogue/themes?done=saved")
		case errors.Is(err, db.ErrStale):
			page.Stamp, page.Conflict, status = now, true, http.StatusPreconditionFailed
		case !errors.Is(err, catalogue.ErrInvalid):
			return err
		}
		for _, x := range errs.FieldsOf(err) {
			f.Complain(themeInput(x.Name), x.Code, x.Params)
		}
	}
	return p.showThemes(w, r, page, f, status)
}

// themeInput finds the input that a complaint is about: rows count from one there.
func themeInput(where string) string {
	s := strings.Split(where, ".")
	if len(s) < 3 {
		return "themes"
	}
	n, _ := strconv.Atoi(s[1])
	return leaf(themeNodes, "themes."+strconv.Itoa(max(n-1, 0))+"."+s[2])
}

func (p *Pages) showThemes(w http.ResponseWriter, r *http.Request, page deskThemes, f *form.Form, status int) error {
	page.Editor = re.Editor{Env: deskEnv{p: p}, Prefix: labels, Nodes: themeNodes, Form: f, Focus: page.Editor.Focus}
	return view.Render(w, r, status, deskThemesView(page))
}
