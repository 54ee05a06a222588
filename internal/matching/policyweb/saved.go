package policyweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// saved is what the reader of a page saved.
type saved struct {
	Person bool // who can save
	Stars  []push.Star
}

func (p *Pages) savedBy(ctx context.Context, actor auth.Actor) (saved, error) {
	stars, err := p.Push.Stars(ctx, actor)
	return saved{actor.Kind == auth.Person, stars}, err
}

func (by saved) has(key string) bool {
	for _, x := range by.Stars {
		if x.Clause == key {
			return true
		}
	}
	return false
}

// action is what the button of a clause does.
func (by saved) action(key string) string {
	if by.has(key) {
		return "/unsave"
	}
	return "/save"
}

// others counts what was saved beside a clause.
func (by saved) others(key string) int {
	n := len(by.Stars)
	if by.has(key) {
		n--
	}
	return n
}

// compareWith is the comparison of a clause with those that were saved last.
func (by saved) compareWith(key string) string {
	keys := []string{key}
	for _, x := range by.Stars {
		if x.Clause != key && x.Ended == "" && len(keys) < mostCompared {
			keys = append(keys, x.Clause)
		}
	}
	return compareHref(keys, "")
}

// save keeps a clause for the reader.
func (p *Pages) save(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	if err := p.Push.Star(r.Context(), auth.From(r.Context()), key); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "policy.flash.starred")
	return httpx.SeeOther(w, r, httpx.LocalPath(r.PostFormValue("back"), ClausePath(key)))
}

// unsave takes it off.
func (p *Pages) unsave(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	if err := p.Push.Unstar(r.Context(), auth.From(r.Context()), key); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "policy.flash.unstarred")
	return httpx.SeeOther(w, r, httpx.LocalPath(r.PostFormValue("back"), SavedPath))
}

type savedPage struct {
	By      saved
	Entries []policy.Entry
	Gone    []push.Star // which are not there any more
	Today   string
	Told    bool // he is told when something changes
}

// savedList lists what the reader saved.
func (p *Pages) savedList(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	d := savedPage{Today: p.Service.Today()}
	if d.By, err = p.savedBy(ctx, actor); err != nil {
		return err
	}
	for _, x := range d.By.Stars {
		if e, ok := l.Entry(x.Clause); ok {
			d.Entries = append(d.Entries, e)
		} else {
			d.Gone = append(d.Gone, x)
		}
	}
	if d.Told, err = p.Push.Allowed(ctx, actor.ID); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, savedView(d))
}

// MineTabs are the pages of a person about policies: what suits his firms, and what
// he saved.
func MineTabs(ctx context.Context, saved bool) []view.Tab {
	return []view.Tab{
		{Href: "/my/policies", Text: i18n.T(ctx, "policy.mine.fits"), Active: !saved},
		{Href: SavedPath, Text: i18n.T(ctx, "policy.mine.saved"), Active: saved},
	}
}

// compareHref is the address of a comparison; firm is "" for the first of the reader.
func compareHref(keys []string, firm string) string {
	v := url.Values{"key": keys}
	if firm != "" {
		v.Set("firm", firm)
	}
	return comparePath + "?" + v.Encode()
}
