package policyweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

func filePath(document string) string {
	return DeskPath + "/documents/" + url.PathEscape(document)
}
func paperPath(key string) string { return DeskPath + "/clauses/" + url.PathEscape(key) }

// shelf is a document with its clauses on the desk.
type shelf struct {
	Document policy.Paper
	Clauses  []policy.Paper
}

// drafts counts what is drafted, and what of it is proposed.
func (x shelf) drafts() (drafts, proposed int) {
	for _, p := range append([]policy.Paper{x.Document}, x.Clauses...) {
		switch p.Stage {
		case policy.Draft:
			drafts++
		case policy.Proposed:
			proposed++
		}
	}
	return drafts, proposed
}

type deskPage struct {
	Shelves  []shelf
	Counts   map[string]int
	State    string
	Words    string
	Today    string
	Pages    *Pages
	Standing map[string]policy.Standing // of published documents
}

// deskStates are the views of the desk.
var deskStates = []string{"all", "draft", "proposed", "in_force", "ended"}

// desk lists the documents that the reader keeps.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	papers, err := p.Service.Papers(ctx, actor)
	if err != nil {
		return err
	}
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	d := deskPage{Counts: map[string]int{}, State: r.URL.Query().Get("state"), Words: words(r.URL.Query().Get("q")), Today: p.Service.Today(), Pages: p, Standing: map[string]policy.Standing{}}
	if !slices.Contains(deskStates, d.State) {
		d.State = "all"
	}
	for _, x := range l.Issues {
		d.Standing[x.Key] = x.Standing(d.Today)
	}
	var shelves []shelf
	for _, x := range papers {
		if x.Kind == policy.KindDocument {
			shelves = append(shelves, shelf{Document: x})
		} else if n := len(shelves); n > 0 {
			shelves[n-1].Clauses = append(shelves[n-1].Clauses, x)
		}
	}
	for _, x := range shelves {
		for _, s := range deskStates {
			if d.in(x, s) {
				d.Counts[s]++
			}
		}
		if d.in(x, d.State) && x.has(d.Words) {
			d.Shelves = append(d.Shelves, x)
		}
	}
	return view.Render(w, r, http.StatusOK, deskView(d))
}

func (d deskPage) in(x shelf, state string) bool {
	drafts, proposed := x.drafts()
	st, live := d.Standing[x.Document.Key]
	switch state {
	case "draft":
		return drafts > 0
	case "proposed":
		return proposed > 0
	case "in_force":
		return live && (st == policy.InForce || st == policy.Coming)
	case "ended":
		return x.Document.State == policy.Withdrawn || live && (st == policy.Expired || st == policy.Repealed)
	}
	return true
}

// has says whether the words stand in a document or in one of its clauses.
func (x shelf) has(words string) bool {
	if words == "" {
		return true
	}
	words = strings.ToLower(words)
	for _, p := range append([]policy.Paper{x.Document}, x.Clauses...) {
		t := p.Latest().Title()
		text := p.Key + " " + t.ZH + " " + t.EN
		if b := p.Latest().Document; b != nil {
			text += " " + b.Number + " " + b.Issuer.ZH
		}
		if strings.Contains(strings.ToLower(text), words) {
			return true
		}
	}
	return false
}

func (d deskPage) tabs(ctx context.Context) []view.Tab {
	var out []view.Tab
	for _, s := range deskStates {
		v := url.Values{}
		if s != "all" {
			v.Set("state", s)
		}
		if d.Words != "" {
			v.Set("q", d.Words)
		}
		href := DeskPath
		if len(v) > 0 {
			href += "?" + v.Encode()
		}
		out = append(out, view.Tab{Href: href, Text: i18n.T(ctx, "policy.desk.tab."+s), Count: d.Counts[s], Active: s == d.State})
	}
	return out
}

// stateWords says how a document stands for readers, and what is drafted.
func (d deskPage) stateWords(ctx context.Context, x shelf) string {
	return standingWords(ctx, x.Document, d.Standing)
}

func standingWords(ctx context.Context, document policy.Paper, standing map[string]policy.Standing) string {
	if st, ok := standing[document.Key]; ok {
		return i18n.T(ctx, "policy.state."+string(st))
	}
	return i18n.T(ctx, "policy.state."+string(document.State))
}

type filePage struct {
	Document policy.Paper
	Clauses  []policy.Paper
	Faults   map[policy.Ref]int
	Rights   policy.Rights
	Actor    auth.Actor
	Standing map[string]policy.Standing
	Today    string
	Form     *form.Form
	Pages    *Pages
	Editions []policy.Edition
}

// file shows a document with its clauses and all drafts.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	return p.showFile(w, r, form.New())
}

func (p *Pages) showFile(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	document, clauses, err := p.Service.File(ctx, actor, r.PathValue("document"))
	if err != nil {
		return err
	}
	d := filePage{Document: document, Clauses: clauses, Rights: policy.RightsOn(actor, document), Actor: actor, Today: p.Service.Today(), Form: f, Pages: p, Standing: map[string]policy.Standing{}}
	if d.Faults, err = p.Service.FaultsOf(ctx, append([]policy.Paper{document}, clauses...)); err != nil {
		return err
	}
	if d.Editions, err = p.Service.Editions(ctx, document.ID); err != nil {
		return err
	}
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	if x, ok := l.Issue(document.Key); ok {
		d.Standing[x.Key] = x.Standing(d.Today)
	}
	return view.Render(w, r, f.Status(), fileView(d))
}

// all are the papers of the file.
func (d filePage) all() []policy.Paper { return append([]policy.Paper{d.Document}, d.Clauses...) }

// in are the papers whose drafts are at a stage; own drafts of the reader are left
// out of what he could publish.
func (d filePage) in(stage policy.Stage, publish bool) []policy.Paper {
	return slices.DeleteFunc(d.all(), func(p policy.Paper) bool { return p.Stage != stage || publish && policy.Own(d.Actor, p) })
}

// sound are the drafts that can be proposed.
func (d filePage) sound() []policy.Paper {
	return slices.DeleteFunc(d.in(policy.Draft, false), func(p policy.Paper) bool { return d.Faults[policy.Ref{Kind: p.Kind, Key: p.Key}] > 0 })
}

func refValue(p policy.Paper) string {
	return string(p.Kind) + ":" + p.Key + ":" + strconv.Itoa(p.Version)
}

func readRefs(f *form.Form) []policy.Ref {
	var out []policy.Ref
	for _, s := range f.All("ref") {
		part := strings.Split(s, ":")
		if len(part) != 3 || len(out) == 200 {
			continue
		}
		n, err := strconv.Atoi(part[2])
		if err == nil {
			out = append(out, policy.Ref{Kind: policy.Kind(part[0]), Key: part[1], Version: n})
		}
	}
	return out
}

// act proposes, publishes, gives back, throws away or withdraws papers of a document.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, refs, why := r.Context(), auth.From(r.Context()), readRefs(f), f.Value("reason_"+r.PathValue("act"))
	act := r.PathValue("act")
	var do func() error
	switch act {
	case "propose":
		do = func() error { return p.Service.Propose(ctx, actor, refs, why) }
	case "publish":
		do = func() error { return p.Service.Publish(ctx, actor, refs) }
	case "return":
		do = func() error { return p.Service.Return(ctx, actor, refs, why) }
	case "discard", "withdraw":
		do = func() error {
			if len(refs) != 1 {
				return policy.ErrState
			}
			if act == "discard" {
				return p.Service.Discard(ctx, actor, refs[0])
			}
			return p.Service.Withdraw(ctx, actor, refs[0], why)
		}
	default:
		return httpx.ErrNotFound
	}
	if err := do(); err != nil {
		for _, x := range errs.FieldsOf(err) { // each form of the page has a reason of its own
			f.Complain(x.Name+"_"+act, x.Code, x.Params)
		}
		if !f.OK() || f.Reject(err) {
			return p.showFile(w, r, f)
		}
		return err
	}
	p.Sessions.Flash(ctx, "policy.flash."+act)
	to := filePath(r.PathValue("document"))
	if act == "discard" && refs[0].Kind == policy.KindDocument {
		if _, _, err := p.Service.File(ctx, actor, r.PathValue("document")); err != nil {
			to = DeskPath // it was never published, and is gone
		}
	}
	return httpx.SeeOther(w, r, to)
}

type paperPage struct {
	Paper    policy.Paper
	Document policy.Paper
	Editions []policy.Edition
	Faults   int
	Was      policy.Body
	Now      policy.Body
	Changes  []policy.Change
	From, To string // what is compared
	Pages    *Pages
	Rights   policy.Rights
}

// paper shows a clause on the desk: how it stands, and what changed from one
// edition to another.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x, editions, err := p.Service.Paper(ctx, actor, policy.KindClause, r.PathValue("key"))
	if err != nil {
		return err
	}
	document, _, err := p.Service.Paper(ctx, actor, policy.KindDocument, x.Document)
	if err != nil {
		return err
	}
	d := paperPage{Paper: x, Document: document, Editions: editions, Pages: p, Rights: policy.RightsOn(actor, document)}
	d.compare(r.URL.Query())
	d.Changes = p.Service.Changes(d.Was, d.Now, i18n.LocaleOf(ctx))
	if x.Stage != policy.None {
		faults, err := p.Service.Faults(ctx, x)
		if err != nil {
			return err
		}
		d.Faults = len(faults)
	}
	return view.Render(w, r, http.StatusOK, paperView(d))
}

// compare chooses what is held against what: the draft against what is published,
// else the newest edition against the one before, unless the reader says otherwise.
func (d *paperPage) compare(q url.Values) {
	body := func(s string) (policy.Body, bool) {
		if s == "draft" && d.Paper.Stage != policy.None {
			return d.Paper.Draft, true
		}
		for _, e := range d.Editions {
			if strconv.Itoa(e.Number) == s {
				return e.Body, true
			}
		}
		return policy.Body{}, false
	}
	d.To, d.From = strconv.Itoa(d.Paper.Edition), strconv.Itoa(d.Paper.Edition-1)
	if d.Paper.Stage != policy.None {
		d.To, d.From = "draft", strconv.Itoa(d.Paper.Edition)
	}
	if _, ok := body(q.Get("to")); ok {
		d.To = q.Get("to")
	}
	if _, ok := body(q.Get("from")); ok {
		d.From = q.Get("from")
	}
	d.Now, _ = body(d.To)
	d.Was, _ = body(d.From)
}
