package grantweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type publicList struct {
	Rows      []grant.Row
	Directory *identity.Directory
	Now       time.Time
}

// published lists what everybody may read.
func (p *Pages) published(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.Service.Published(r.Context())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, publicBatches(publicList{rows, p.Identity.Directory(), p.Clock.Now()}))
}

type publicPage struct {
	grant.Public
	Department i18n.Text
	Phone      string
	Open       bool // one can object
	SignedIn   bool
	Q          string
	Form       *form.Form
}

func (p *Pages) publicPage(r *http.Request, line string) (d publicPage, err error) {
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("after"))
	d.Q = words(q.Get("q"))
	if d.Public, err = p.Service.Public(r.Context(), r.PathValue("id"), grant.Look{Q: d.Q, After: max(0, after), Line: line}); err != nil {
		return d, err
	}
	office := p.Identity.Directory().Department(d.Batch.DepartmentID)
	d.Department, d.Phone, d.Form = office.Name, office.Phone, form.New()
	d.Open, d.SignedIn = d.Batch.Objectable(p.Clock.Now()), auth.From(r.Context()).SignedIn()
	return d, nil
}

// public shows one list.
func (p *Pages) public(w http.ResponseWriter, r *http.Request) error {
	d, err := p.publicPage(r, r.URL.Query().Get("line"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, publicView(d))
}

// object takes an objection in.
func (p *Pages) object(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.Object(r.Context(), auth.From(r.Context()), r.PathValue("id"), f.Value("line"), f.Value("body"))
	if err == nil {
		p.Sessions.Flash(r.Context(), "grant.flash.object")
		return httpx.SeeOther(w, r, grant.PublicPath(r.PathValue("id")))
	}
	if !f.Reject(err) {
		return err
	}
	d, err := p.publicPage(r, f.Value("line"))
	if err != nil {
		return err
	}
	d.Form = f
	return view.Render(w, r, f.Status(), publicView(d))
}

// at is the address of the list as it is narrowed, with more of it.
func (d publicPage) at(kv ...string) string {
	q := url.Values{}
	if d.Q != "" {
		q.Set("q", d.Q)
	}
	for i := 0; i+1 < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
	}
	return grant.PublicPath(d.Batch.ID) + "?" + q.Encode()
}

func (d publicPage) object(line string) string { return d.at("line", line) + "#object" }

func (d publicPage) next() string {
	if d.Lines.Next == "" {
		return ""
	}
	return d.at("after", d.Lines.Next)
}

func publicHeads(ctx context.Context, d publicPage) []view.Head {
	out := []view.Head{{Text: i18n.T(ctx, "grant.col.seq"), Num: true}, {Text: i18n.T(ctx, "grant.col.firm")}, {Text: i18n.T(ctx, "grant.col.sum"), Num: true}}
	if d.Open && d.SignedIn {
		out = append(out, view.Head{Text: i18n.T(ctx, "grant.col.do")})
	}
	return out
}

func bodyIn(ctx context.Context) view.In {
	return view.In{Name: "body", Label: i18n.T(ctx, "grant.object.body"), Hint: i18n.T(ctx, "grant.object.body_hint"), Required: true, MaxLength: 1000, Rows: 4}
}

// words are what somebody looks for.
func words(s string) string {
	s = strings.TrimSpace(s)
	if rs := []rune(s); len(rs) > 60 {
		s = string(rs[:60])
	}
	return s
}
