package pushweb

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// open leads to the clause that the firm was told of.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	clause, err := p.Service.Open(r.Context(), auth.From(r.Context()), r.PathValue("push"))
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/policies/clauses/"+url.PathEscape(clause))
}

// apply leads from a clause to the item that receives applications.
func (p *Pages) apply(w http.ResponseWriter, r *http.Request) error {
	item, err := p.Service.Choose(r.Context(), auth.From(r.Context()), r.PathValue("clause"))
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/items/"+url.PathEscape(item))
}

func (p *Pages) decline(w http.ResponseWriter, r *http.Request) error {
	firm, err := p.Service.Decline(r.Context(), auth.From(r.Context()), r.PathValue("push"))
	if err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "push.flash.declined")
	return httpx.SeeOther(w, r, mineHref(firm))
}

// want switches pushing by the files of the person's firms off and on.
func (p *Pages) want(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	wants := f.Value("wants") == "yes"
	if err := p.Service.Want(r.Context(), auth.From(r.Context()), wants); err != nil {
		return err
	}
	if wants {
		p.Sessions.Flash(r.Context(), "push.flash.on")
	} else {
		p.Sessions.Flash(r.Context(), "push.flash.off")
	}
	return httpx.SeeOther(w, r, "/my/policies")
}

func mineHref(firm string) string { return "/my/policies?" + url.Values{"firm": {firm}}.Encode() }

func (p *Pages) looking(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Service.Looking(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, lookingView(list))
}

type candidatesPage struct {
	*push.Candidates
	Form *form.Form // of the note that was not taken
	Firm string     // whose note that is
}

func (p *Pages) candidates(w http.ResponseWriter, r *http.Request) error {
	return p.showCandidates(w, r, nil, "")
}

func (p *Pages) showCandidates(w http.ResponseWriter, r *http.Request, f *form.Form, firm string) error {
	if f == nil {
		f = form.New()
	}
	q := r.URL.Query()
	n, _ := strconv.Atoi(q.Get("page"))
	c, err := p.Service.Candidates(r.Context(), auth.From(r.Context()), r.PathValue("clause"), advice.Standing(q.Get("standing")), n)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), candidatesView(candidatesPage{c, f, firm}))
}

// export sends the candidates of a standing as a table.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	standing := advice.Standing(r.URL.Query().Get("standing"))
	if !slices.Contains(advice.Standings, standing) {
		standing = advice.Fits
	}
	var out bytes.Buffer
	book, err := sheet.NewWriter(&out, sheet.XLSX)
	if err != nil {
		return err
	}
	e, err := p.Service.Export(ctx, auth.From(ctx), r.PathValue("clause"), standing, book)
	if err := errors.Join(err, book.Close()); err != nil {
		return err
	}
	name := i18n.T(ctx, "push.sheet.file", "title", e.Title, "standing", i18n.T(ctx, "matching.standing."+string(standing)), "day", workday.DateOf(p.Clock.Now()).String())
	httpx.Attachment(w, sheet.XLSX.MediaType(), name+sheet.XLSX.Extension())
	_, _ = w.Write(out.Bytes()) // a reader who left is no error of ours
	return nil
}

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.Invite(r.Context(), auth.From(r.Context()), r.PathValue("clause"), f.Value("firm")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "push.flash.invited")
	return httpx.SeeOther(w, r, back(r))
}

// back is the list from which something was done.
func back(r *http.Request) string {
	q := url.Values{}
	for _, k := range []string{"standing", "page"} {
		if v := r.URL.Query().Get(k); v != "" {
			q.Set(k, v)
		}
	}
	path := candidatesPath(r.PathValue("clause"))
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

func (p *Pages) note(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	firm, words := f.Value("firm"), f.Text("words", form.Required, form.Max(push.NoteMost))
	if f.OK() {
		if err := p.Service.Write(r.Context(), auth.From(r.Context()), r.PathValue("clause"), firm, words); err == nil {
			p.Sessions.Flash(r.Context(), "push.flash.noted")
			return httpx.SeeOther(w, r, back(r))
		} else if !f.Reject(err) {
			return err
		}
	}
	return p.showCandidates(w, r, f, firm)
}

func candidatesPath(clause string) string { return LookingPath + "/" + url.PathEscape(clause) }

func (d candidatesPage) href(standing advice.Standing, n int) string {
	q := url.Values{}
	if standing != advice.Fits {
		q.Set("standing", string(standing))
	}
	if n > 1 {
		q.Set("page", strconv.Itoa(n))
	}
	if len(q) == 0 {
		return candidatesPath(d.Entry.Key)
	}
	return candidatesPath(d.Entry.Key) + "?" + q.Encode()
}

// action is where a button of the list sends to.
func (d candidatesPage) action(what string) string {
	q := url.Values{"standing": {string(d.Standing)}, "page": {strconv.Itoa(d.Page)}}
	return candidatesPath(d.Entry.Key) + "/" + what + "?" + q.Encode()
}

// sheet is where the shown list comes as a table.
func (d candidatesPage) sheet() string {
	return candidatesPath(d.Entry.Key) + "/export?" + url.Values{"standing": {string(d.Standing)}}.Encode()
}

// shared names the other clauses of the item.
func (d candidatesPage) shared(ctx context.Context) string {
	var out []string
	for _, e := range d.Shared {
		out = append(out, i18n.T(ctx, "push.funnel.title", "title", e.Title))
	}
	return strings.Join(out, i18n.T(ctx, "push.line.comma"))
}

func (d candidatesPage) tabs(ctx context.Context) []view.Tab {
	counts := map[advice.Standing]int{advice.Fits: d.Funnel.Fits, advice.Open: d.Funnel.Open, advice.Near: d.Funnel.Near}
	var out []view.Tab
	for _, s := range advice.Standings {
		out = append(out, view.Tab{Href: d.href(s, 1), Text: i18n.T(ctx, "push.standing."+string(s), "n", counts[s]), Active: s == d.Standing})
	}
	return out
}

func (d candidatesPage) next() string {
	if d.Page >= d.Pages {
		return ""
	}
	return d.href(d.Standing, d.Page+1)
}

func (d candidatesPage) noteForm(firm string) *form.Form {
	if d.Firm == firm {
		return d.Form
	}
	return nil
}

// step of a funnel.
type step struct {
	Name  string
	N     int
	Share string // of the step before, "" for the first
}

func steps(ctx context.Context, f push.Funnel) []step {
	var out []step
	last := 0
	for i, x := range []struct {
		key string
		n   int
	}{{"fits", f.Fits}, {"told", f.Told}, {"opened", f.Opened}, {"applied", f.Applied}, {"granted", f.Granted}} {
		s := step{Name: i18n.T(ctx, "push.funnel."+x.key), N: x.n}
		if i > 1 && last > 0 {
			s.Share = strconv.Itoa(x.n*100/last) + "%"
		}
		last = x.n
		out = append(out, s)
	}
	return out
}

func worth(ctx context.Context, f money.Fen) string {
	if f <= 0 {
		return "—"
	}
	return push.Yuan(ctx, f)
}

type toldPage struct {
	*push.List
	Filter push.Filter
}

func (p *Pages) told(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := push.Filter{Firm: q.Get("firm"), State: push.State(q.Get("state")), Request: page.Request{After: q.Get("after")}}
	list, err := p.Service.List(r.Context(), auth.From(r.Context()), f)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, toldView(toldPage{list, f}))
}

func (d toldPage) href(state push.State, after string) string {
	q := url.Values{}
	for k, v := range map[string]string{"firm": d.Filter.Firm, "state": string(state), "after": after} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if len(q) == 0 {
		return ToldPath
	}
	return ToldPath + "?" + q.Encode()
}

func (d toldPage) next() string {
	if d.Next == "" {
		return ""
	}
	return d.href(d.Filter.State, d.Next)
}

func (d toldPage) tabs(ctx context.Context) []view.Tab {
	all := 0
	for _, n := range d.Counts {
		all += n
	}
	out := []view.Tab{{Href: d.href("", ""), Text: i18n.T(ctx, "push.told.all", "n", all), Active: d.Filter.State == ""}}
	for _, s := range push.States {
		out = append(out, view.Tab{Href: d.href(s, ""), Text: i18n.T(ctx, "push.told.state", "state", i18n.T(ctx, "push.state."+string(s)), "n", d.Counts[s]), Active: d.Filter.State == s})
	}
	return out
}

func (d toldPage) lead(ctx context.Context) string {
	if d.Filter.Firm != "" {
		return d.Firm.For(ctx)
	}
	return i18n.T(ctx, "push.told.lead")
}

// since is when what was told came to its present state.
func since(l push.Line) time.Time {
	return map[push.State]time.Time{push.Opened: l.OpenedAt, push.Applied: l.AppliedAt, push.Granted: l.GrantedAt, push.Declined: l.DeclinedAt}[l.State]
}

func (d candidatesPage) written(firm string) string {
	if f := d.noteForm(firm); f != nil {
		return f.Value("words")
	}
	return ""
}

func (d candidatesPage) heads(ctx context.Context) []view.Head {
	head := func(key string) view.Head { return view.Head{Text: i18n.T(ctx, "push.col."+key)} }
	out := []view.Head{head("firm"), {Text: i18n.T(ctx, "push.col.worth"), Num: true}}
	if d.Standing != advice.Fits {
		out = append(out, head("short"))
	}
	return append(out, head("officer"), head("state"), head("follow"))
}

func moneyPairs(ctx context.Context, f push.Funnel) []view.Pair {
	var out []view.Pair
	if !f.Fund.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "push.money.fund"), Value: f.Fund.For(ctx)})
	}
	for _, x := range []struct {
		key string
		fen money.Fen
	}{{"total", f.Total}, {"spent", f.Spent}, {"left", f.Left}} {
		out = append(out, view.Pair{Key: i18n.T(ctx, "push.money."+x.key), Component: view.Money(x.fen)})
	}
	return out
}
