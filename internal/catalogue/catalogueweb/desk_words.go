package catalogueweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// wordsPage is how people say things, and what the search makes of it.
type wordsPage struct {
	Query  string // that is tried out
	Hits   []catalogue.Hit
	Groups []catalogue.Synonyms
	Names  map[string]string // of accounts
	Misses []catalogue.Miss
	Form   *form.Form // of a group: words, id, version
	Add    *form.Form // of a keyword: keyword, code
	Done   string
}

// edited is the group in the form, "" for a new one.
func (p wordsPage) edited() string { return p.Form.Value("id") }

const shownMisses = 50

// words shows synonyms, vain searches, and a box to try a search.
func (p *Pages) words(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	page := wordsPage{Query: strings.TrimSpace(q.Get("try")), Form: form.New("words", q.Get("word")), Add: form.New("keyword", q.Get("keyword"))}
	switch done := q.Get("done"); done {
	case "saved", "removed", "keyword", "seen":
		page.Done = done
	}
	if id := q.Get("edit"); id != "" {
		groups, err := p.Service.Synonyms(r.Context(), auth.From(r.Context()))
		if err != nil {
			return err
		}
		for _, g := range groups {
			if g.ID == id {
				page.Form = form.New("id", g.ID, "version", strconv.Itoa(g.Version), "words", strings.Join(g.Words, "\n"))
			}
		}
	}
	return p.showWords(w, r, page)
}

func (p *Pages) showWords(w http.ResponseWriter, r *http.Request, page wordsPage) (err error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	if page.Groups, err = p.Service.Synonyms(ctx, actor); err != nil {
		return err
	}
	if page.Misses, err = p.Service.Misses(ctx, actor, shownMisses); err != nil {
		return err
	}
	page.Names = map[string]string{}
	for _, g := range page.Groups {
		if _, known := page.Names[g.UpdatedBy]; !known {
			page.Names[g.UpdatedBy] = p.Identity.NameOf(ctx, g.UpdatedBy).For(ctx)
		}
	}
	if page.Query != "" {
		page.Hits = p.Service.Search(page.Query, 10, catalogue.Filter{})
	}
	status := http.StatusOK
	if !page.Form.OK() || !page.Add.OK() {
		status = http.StatusUnprocessableEntity
	}
	return view.Render(w, r, status, wordsView(page))
}

// splitWords cuts what was typed into words.
func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune("\n,，、;；", c) })
}

// saveWords adds a group of synonyms or changes one.
func (p *Pages) saveWords(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.SaveSynonyms(r.Context(), auth.From(r.Context()), f.Value("id"), int(f.Int("version", 0, 1<<31, false)), splitWords(f.Text("words", form.Max(2000))))
	if err == nil {
		return httpx.SeeOther(w, r, "/admin/catalogue/words?done=saved")
	}
	if !f.Reject(err) {
		return err
	}
	return p.showWords(w, r, wordsPage{Form: f, Add: form.New()})
}

// removeWords takes a group away.
func (p *Pages) removeWords(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.RemoveSynonyms(r.Context(), auth.From(r.Context()), f.Value("id"), int(f.Int("version", 0, 1<<31, true))); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/admin/catalogue/words?done=removed")
}

// addKeyword adds what people say to an item's draft.
func (p *Pages) addKeyword(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	word, code := f.Text("keyword", form.Required, form.Max(30)), f.Text("code", form.Required, form.Max(64))
	if f.OK() {
		_, err = p.Service.AddKeyword(r.Context(), auth.From(r.Context()), code, word)
		switch {
		case err == nil:
			return httpx.SeeOther(w, r, "/admin/catalogue/words?done=keyword&"+url.Values{"try": {word}}.Encode())
		case errors.Is(err, catalogue.ErrNotFound), errors.Is(err, catalogue.ErrState):
			f.Complain("code", errs.CodeOf(err), nil)
		case !f.Reject(err):
			return err
		}
	}
	return p.showWords(w, r, wordsPage{Form: form.New(), Add: f})
}

// missDone takes a vain search off the list.
func (p *Pages) missDone(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.DropMiss(r.Context(), auth.From(r.Context()), f.Value("query")); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/admin/catalogue/words?done=seen#misses")
}
