package grantweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type listPage struct {
	Offers    []grant.Offer
	Rows      []grant.Row
	Directory *identity.Directory
	Drafts    bool
}

// batches lists what runs, and of which clauses a list can be made.
func (p *Pages) batches(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := listPage{Directory: p.Identity.Directory(), Drafts: actor.Has(auth.Handler, auth.Head)}
	var err error
	if d.Rows, err = p.Service.Batches(ctx, actor); err != nil {
		return err
	}
	if d.Drafts {
		if d.Offers, err = p.Service.Offers(ctx, actor); err != nil {
			return err
		}
	}
	return view.Render(w, r, http.StatusOK, batchList(d))
}

// draft makes the list of a clause.
func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	b, err := p.Service.Draft(r.Context(), auth.From(r.Context()), f.Value("clause"))
	if err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "grant.flash.draft")
	return httpx.SeeOther(w, r, batchPath(b.ID))
}

type batchPage struct {
	grant.Sheet
	Actor      auth.Actor
	Department i18n.Text
	People     map[string]string
	State      grant.LineState
	Line       *grant.Line      // the one in hand
	Objection  *grant.Objection // the one in hand
	Form       *form.Form
	Do         string // the command whose form was refused
	List       string // the payment list in hand
	Path       string
}

func (p *Pages) page(r *http.Request) (d batchPage, err error) {
	ctx, q := r.Context(), r.URL.Query()
	d.Actor, d.State, d.Form = auth.From(ctx), grant.LineState(q.Get("state")), form.New()
	if !slices.Contains(grant.LineStates, d.State) {
		d.State = ""
	}
	after, _ := strconv.Atoi(q.Get("after"))
	if d.Sheet, err = p.Service.Batch(ctx, d.Actor, r.PathValue("id"), grant.Filter{State: d.State, After: max(0, after)}); err != nil {
		return d, err
	}
	d.Department = p.Identity.Directory().Department(d.DepartmentID).Name
	d.People = map[string]string{}
	people := []string{d.DraftedBy, d.CheckedBy, d.ReleasedBy}
	for _, l := range d.Lists {
		people = append(people, l.MadeBy, l.PaidBy)
	}
	for _, x := range d.Stood {
		people = append(people, x.By)
	}
	for _, id := range people {
		if id != "" {
			d.People[id] = p.Identity.NameOf(ctx, id).For(ctx)
		}
	}
	d.List = q.Get("list")
	d.choose(q.Get("line"), q.Get("objection"))
	return d, nil
}

// choose takes a line, or an objection, into hand.
func (d *batchPage) choose(line, objection string) {
	if i := slices.IndexFunc(d.Lines.Rows, func(l grant.Line) bool { return l.ID == line }); i >= 0 && (d.mayCheck() || d.mayKeep(d.Lines.Rows[i]) || d.mayPay(d.Lines.Rows[i])) {
		d.Line = &d.Lines.Rows[i]
	}
	if i := slices.IndexFunc(d.Objections, func(o grant.Objection) bool { return o.ID == objection && o.Open() }); i >= 0 && d.maySettle() {
		d.Line, d.Objection = nil, &d.Objections[i]
	}
}

func (d *batchPage) mayCheck() bool {
	return d.Batch.State == grant.Drafted && grant.Drafts(d.Actor, d.DepartmentID)
}

func (d *batchPage) mayKeep(l grant.Line) bool {
	return d.Gone[l.FirmID] && l.State == grant.Listed && d.mayCheck()
}

func (d *batchPage) mayReturn() bool {
	return d.Batch.State == grant.Checked && grant.Releases(d.Actor, d.DepartmentID)
}

func (d *batchPage) mayRelease() bool {
	return d.Batch.State == grant.Checked && grant.MayRelease(d.Actor, &d.Batch)
}

func (d *batchPage) mayDiscard() bool {
	return (d.Batch.State == grant.Drafted || d.Batch.State == grant.Checked) && grant.Drafts(d.Actor, d.DepartmentID)
}

func (d *batchPage) maySettle() bool {
	return grant.Drafts(d.Actor, d.DepartmentID) || grant.Releases(d.Actor, d.DepartmentID)
}

// batch shows one batch.
func (p *Pages) batch(w http.ResponseWriter, r *http.Request) error {
	d, err := p.page(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, batchView(d))
}

func refOf(r *http.Request, f *form.Form) grant.Ref {
	version, _ := strconv.Atoi(f.Value("version"))
	return grant.Ref{ID: r.PathValue("id"), Version: version}
}

// do gives a command to the whole batch.
func (p *Pages) do(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, ref, what := r.Context(), auth.From(r.Context()), refOf(r, f), r.PathValue("what")
	reason := ""
	if what == "return" || what == "discard" {
		reason = f.Text(what+"_reason", form.Required, form.Max(300))
	}
	switch {
	case !f.OK():
		err = grant.ErrInvalid
	case what == "check":
		_, err = p.Service.Check(ctx, actor, ref)
	case what == "release":
		_, err = p.Service.Release(ctx, actor, ref)
	case what == "return":
		_, err = p.Service.Return(ctx, actor, ref, reason)
	case what == "discard":
		_, err = p.Service.Discard(ctx, actor, ref, reason)
	case what == "list":
		_, err = p.Service.MakeList(ctx, actor, ref)
	case what == "retry":
		_, err = p.Service.Retry(ctx, actor, ref)
	default:
		return httpx.ErrNotFound
	}
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.Do = what })
	}
	p.Sessions.Flash(ctx, map[string]string{
		"check": "grant.flash.check", "release": "grant.flash.release", "return": "grant.flash.return", "discard": "grant.flash.discard",
		"list": "grant.flash.list", "retry": "grant.flash.retry",
	}[what])
	if what == "discard" {
		return httpx.SeeOther(w, r, workPath)
	}
	return httpx.SeeOther(w, r, batchPath(ref.ID))
}

// refused shows the page again with what was typed.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, f *form.Form, err error, open func(d *batchPage)) error {
	if f.OK() && !f.Reject(err) {
		return err
	}
	d, err := p.page(r)
	if err != nil {
		return err
	}
	d.Form = f
	open(&d)
	return view.Render(w, r, f.Status(), batchView(d))
}

// move does something about one line.
func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, ref, line := r.Context(), auth.From(r.Context()), refOf(r, f), r.PathValue("line")
	to := map[string]grant.LineState{"remove": grant.Removed, "wait": grant.Waiting, "restore": grant.Listed}[f.Value("do")]
	switch f.Value("do") {
	case "keep":
		_, err = p.Service.Keep(ctx, actor, ref, line, f.Value("reason"))
	case "bounce":
		_, err = p.Service.Bounce(ctx, actor, grant.Back{Ref: ref, Line: line, Reason: f.Value("reason"), On: f.Value("back_on"), Voucher: f.Value("back_voucher")})
	case "claw":
		_, err = p.Service.ClawBack(ctx, actor, ref, line, f.Value("reason"))
	case "give_up":
		_, err = p.Service.GiveUp(ctx, actor, ref, line, f.Value("reason"))
	case "recover":
		_, err = p.Service.Recovered(ctx, actor, ref, line, f.Value("on"))
	default:
		_, err = p.Service.Move(ctx, actor, ref, line, to, f.Value("reason"))
	}
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.choose(line, "") })
	}
	p.Sessions.Flash(ctx, "grant.flash.line")
	return httpx.SeeOther(w, r, backTo(r, ref.ID))
}

// settle answers an objection.
func (p *Pages) settle(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ref, objection := refOf(r, f), r.PathValue("objection")
	upheld := f.Text("upheld", form.Required, form.OneOf("yes", "no")) == "yes"
	if err = grant.ErrInvalid; f.OK() {
		_, err = p.Service.Settle(r.Context(), auth.From(r.Context()), ref, objection, upheld, f.Value("reason"))
	}
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.choose("", objection) })
	}
	p.Sessions.Flash(r.Context(), "grant.flash.settle")
	return httpx.SeeOther(w, r, batchPath(ref.ID))
}

func batchPath(id string) string { return workPath + "/" + url.PathEscape(id) }

// backTo is the part of the list that was open.
func backTo(r *http.Request, id string) string {
	q := url.Values{}
	for _, k := range []string{"state", "after"} {
		if v := r.URL.Query().Get(k); v != "" {
			q.Set(k, v)
		}
	}
	if len(q) == 0 {
		return batchPath(id)
	}
	return batchPath(id) + "?" + q.Encode()
}

// at is the address of the page as it is narrowed, with more of it.
func (d *batchPage) at(path string, kv ...string) string {
	q := url.Values{}
	if d.State != "" {
		q.Set("state", string(d.State))
	}
	for i := 0; i+1 < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (d *batchPage) tabs(ctx context.Context) []view.Tab {
	out := []view.Tab{{Href: batchPath(d.ID), Text: i18n.T(ctx, "grant.all"), Count: d.Tallies.All(), Active: d.State == ""}}
	for _, s := range grant.LineStates {
		if n := d.Tallies[s].N; n > 0 {
			out = append(out, view.Tab{Href: batchPath(d.ID) + "?state=" + string(s), Text: lineWord(ctx, s), Count: n, Active: d.State == s})
		}
	}
	return out
}

func (d *batchPage) next() string {
	if d.Lines.Next == "" {
		return ""
	}
	return d.at(batchPath(d.ID), "after", d.Lines.Next)
}

func (d *batchPage) pairs(ctx context.Context) []view.Pair {
	b := &d.Batch
	t := d.Tallies.Standing()
	out := []view.Pair{
		{Key: i18n.T(ctx, "grant.my.sum"), Component: view.Money(t.Sum)},
		{Key: i18n.T(ctx, "grant.lines"), Value: i18n.T(ctx, "grant.lines_n", "n", t.N)},
		{Key: i18n.T(ctx, "grant.source"), Value: b.Source.Title.For(ctx) + " " + b.Source.Number + " " + b.Clause.Place},
		{Key: i18n.T(ctx, "grant.edition"), Value: i18n.T(ctx, "grant.edition_text", "n", b.Edition, "day", dayWords(ctx, b.Day))},
	}
	add := func(key, id string, text string) {
		if id != "" {
			out = append(out, view.Pair{Key: i18n.T(ctx, key), Value: d.People[id] + " · " + text})
		}
	}
	out = append(out, view.Pair{Key: i18n.T(ctx, "grant.fund"), Value: d.fundText(ctx)})
	add("grant.drafted_by", b.DraftedBy, i18n.FormatDateTime(ctx, b.DraftedAt))
	add("grant.checked_by", b.CheckedBy, i18n.FormatDateTime(ctx, b.CheckedAt))
	add("grant.released_by", b.ReleasedBy, i18n.FormatDateTime(ctx, b.ReleasedAt))
	if b.State.Public() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "grant.shown_until"), Component: view.LastDay(b.ShownUntil)}, view.Pair{Key: i18n.T(ctx, "grant.answer_until"), Component: view.LastDay(b.AnswerUntil)})
	}
	return out
}

func stateWord(ctx context.Context, s grant.State) string {
	return i18n.T(ctx, "grant.state."+string(s))
}

func lineWord(ctx context.Context, s grant.LineState) string {
	return i18n.T(ctx, "grant.line."+string(s))
}

// whyText is why a line stands where it stands: what somebody wrote, or what the
// program found.
func whyText(ctx context.Context, l grant.Line) string {
	switch {
	case l.Fault != "":
		return i18n.T(ctx, "grant.fault", "text", l.FaultText())
	case l.State == grant.PaidOut:
		return i18n.T(ctx, "grant.paid_on", "day", dayWords(ctx, l.PaidOn))
	case l.State == grant.Clawed && l.Recovered != "":
		return i18n.T(ctx, "grant.recovered", "reason", l.Reason, "day", dayWords(ctx, l.Recovered))
	case l.State == grant.Clawed && l.Owed > 0:
		return i18n.T(ctx, "grant.owes", "reason", l.Reason, "sum", l.Owed.String())
	case l.State == grant.Confirmed && l.ListID != "":
		return i18n.T(ctx, "grant.on_list")
	case l.Reason != "" || l.Cause == "":
		return l.Reason
	}
	return i18n.T(ctx, "grant.cause."+string(l.Cause))
}

func dayWords(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}

func reasonIn(ctx context.Context, hint string) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "grant.reason"), Hint: hint, Required: true, MaxLength: 300, Rows: 2}
}

func upheldIn(ctx context.Context) view.In {
	return view.In{Name: "upheld", Label: i18n.T(ctx, "grant.upheld"), Required: true, Options: []view.Opt{
		{Value: "no", Label: i18n.T(ctx, "grant.upheld.no")}, {Value: "yes", Label: i18n.T(ctx, "grant.upheld.yes")},
	}}
}

func itoa(n int) string { return strconv.Itoa(n) }

func doPath(id, what string) string { return batchPath(id) + "/do/" + what }

// main is the command that brings the batch on.
func onward(d batchPage) string {
	if d.mayCheck() {
		return "check"
	}
	return "release"
}

// formOf is the form that was refused, where it was this one.
func formOf(d batchPage, mine bool) *form.Form {
	if mine {
		return d.Form
	}
	return form.New()
}

// reasonAs is the reason of one of several forms of a page.
func reasonAs(ctx context.Context, what string) view.In {
	in := reasonIn(ctx, "")
	in.Name = what + "_reason"
	return in
}

func objectionWord(ctx context.Context, o grant.Objection) string {
	switch {
	case o.Open():
		return i18n.T(ctx, "grant.objection.open")
	case o.Upheld:
		return i18n.T(ctx, "grant.objection.upheld")
	}
	return i18n.T(ctx, "grant.objection.dismissed")
}
