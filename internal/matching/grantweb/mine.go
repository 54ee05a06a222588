package grantweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// mine lists what comes to the firms of the person.
func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Service.Mine(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, mineList(list))
}

type ownPage struct {
	grant.Coming
	Form   *form.Form
	Said   string // what was refused: "confirm", "decline"
	Office string // of the department
	Phone  string
}

func (p *Pages) ownPage(ctx context.Context, c grant.Coming, f *form.Form, said string) ownPage {
	office := p.Identity.Directory().Department(c.Batch.DepartmentID)
	return ownPage{c, f, said, office.Name.For(ctx), office.Phone}
}

// own shows one of them.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Service.Own(r.Context(), auth.From(r.Context()), r.PathValue("line"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, ownView(p.ownPage(r.Context(), c, form.New("bank", c.Line.Bank), "")))
}

// answer takes in what the firm says.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, line := r.Context(), auth.From(r.Context()), r.PathValue("line")
	version, _ := strconv.Atoi(f.Value("version"))
	in := grant.Answer{Line: line, Version: version, Decline: f.Value("say") == "decline", Reason: f.Value("reason"), Bank: f.Value("bank"), Account: f.Value("account")}
	if err = p.Service.Answer(ctx, actor, in); err == nil {
		p.Sessions.Flash(ctx, map[bool]string{true: "grant.flash.decline", false: "grant.flash.confirm"}[in.Decline])
		return httpx.SeeOther(w, r, ownPath(line))
	}
	if !f.Reject(err) {
		return err
	}
	c, err := p.Service.Own(ctx, actor, line)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), ownView(p.ownPage(ctx, c, f, f.Value("say"))))
}

func ownPath(line string) string { return myPath + "/" + url.PathEscape(line) }

func signInPath(id string) string {
	return "/sign-in?" + url.Values{"next": {grant.PublicPath(id)}}.Encode()
}

// masked is the account as it may be shown.
func masked(l grant.Line) string {
	return personal.Shown(personal.Account, personal.File, personal.Reader{}, l.Account)
}

func standing(ctx context.Context, c grant.Coming) string {
	switch {
	case c.Line.Stopped:
		return i18n.T(ctx, "grant.my.stopped")
	case c.Line.State == grant.Listed && c.Open:
		return i18n.T(ctx, "grant.my.needs")
	case c.Line.State == grant.Confirmed && c.Line.CaseID != "":
		return i18n.T(ctx, "grant.my.awarded")
	case c.Line.State == grant.PaidOut:
		return i18n.T(ctx, "grant.paid_on", "day", dayWords(ctx, c.Line.PaidOn))
	}
	return i18n.T(ctx, "grant.my."+string(c.Line.State))
}

func (d ownPage) pairs(ctx context.Context) []view.Pair {
	b, l := &d.Batch, d.Line
	out := []view.Pair{
		{Key: i18n.T(ctx, "grant.my.firm"), Value: l.Name.For(ctx)},
		{Key: i18n.T(ctx, "grant.my.sum"), Component: view.Money(l.Sum)},
		{Key: i18n.T(ctx, "grant.my.state"), Value: standing(ctx, d.Coming)},
		{Key: i18n.T(ctx, "grant.source"), Value: b.Source.Title.For(ctx) + " " + b.Source.Number},
		{Key: i18n.T(ctx, "grant.shown_until"), Component: view.LastDay(b.ShownUntil)},
		{Key: i18n.T(ctx, "grant.answer_until"), Component: view.LastDay(b.AnswerUntil)},
	}
	if l.CaseID != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "grant.my.case"), Component: caseLink(l)})
	}
	if l.Account != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "grant.my.account"), Value: l.Bank + " " + masked(l)})
	}
	if l.Reason != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "grant.reason"), Value: l.Reason})
	}
	return out
}

// steps is where the line stands on its way to the account.
func (d ownPage) steps(ctx context.Context) []view.Step {
	l, b := d.Line, d.Batch
	now := 0
	switch {
	case l.State == grant.PaidOut:
		now = 4
	case l.State == grant.Bounced:
		now = 1
	case l.CaseID != "":
		now = 3
	case l.State == grant.Confirmed && b.State.Closed():
		now = 2
	case l.State == grant.Confirmed, b.State != grant.Published:
		now = 1
	}
	out := []view.Step{{Text: i18n.T(ctx, "grant.step.listed")}, {Text: i18n.T(ctx, "grant.step.account")}, {Text: i18n.T(ctx, "grant.step.case")}, {Text: i18n.T(ctx, "grant.step.paid")}}
	if l.CaseID != "" {
		out[2].Text = i18n.T(ctx, "grant.step.case_n", "number", l.CaseNumber)
	}
	if l.State == grant.PaidOut {
		out[3].Text = i18n.T(ctx, "grant.paid_on", "day", dayWords(ctx, l.PaidOn))
	}
	for i := range out {
		switch {
		case i < now:
			out[i].State = view.StepDone
		case i == now:
			out[i].State = view.StepNow
		}
	}
	return out
}

func bankIn(ctx context.Context) view.In {
	return view.In{Name: "bank", Label: i18n.T(ctx, "grant.my.bank"), Hint: i18n.T(ctx, "grant.my.bank_hint"), Required: true, MaxLength: 60}
}

func accountIn(ctx context.Context) view.In {
	return view.In{Name: "account", Label: i18n.T(ctx, "grant.my.number"), Hint: i18n.T(ctx, "grant.my.number_hint"), Required: true, Inputmode: "numeric", MaxLength: 40, Autocomplete: "off"}
}

func declineIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "grant.my.why"), Optional: true, MaxLength: 300, Rows: 2}
}

func confirmTitle(ctx context.Context, l grant.Line) string {
	if l.State == grant.Confirmed || l.State == grant.Bounced {
		return i18n.T(ctx, "grant.my.change_title")
	}
	return i18n.T(ctx, "grant.my.confirm_title")
}
