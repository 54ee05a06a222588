package calendarweb

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Path of the page.
const Path = "/admin/calendar"

// Deps of the pages.
type Deps struct {
	Service  *calendar.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
}

// Pages of the calendar.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	keeper := auth.AsRole(auth.SystemAdmin)
	return []httpx.Route{
		httpx.Get(Path, keeper, p.year),
		httpx.Post(Path, keeper, p.decide),
		httpx.Post(Path+"/notice", keeper, p.announce).WithMaxBody(64 << 10),
		httpx.Post(Path+"/{id}/end", keeper, p.takeBack),
	}
}

// yearPage is one year of the calendar.
type yearPage struct {
	calendar.Year
	p    *Pages
	Form *form.Form
}

func (p *Pages) year(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, form.New("on", workday.DateOf(p.Clock.Now()).String()))
}

// show shows the year that is asked for, or the present one.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	year, err := strconv.Atoi(r.FormValue("year"))
	if err != nil {
		year = workday.DateOf(p.Clock.Now()).Year()
	}
	y, err := p.Service.Year(r.Context(), auth.From(r.Context()), year)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), yearView(yearPage{Year: y, p: p, Form: f}))
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := calendar.Input{
		Region: f.Text("region", form.Required), On: f.Text("on", form.Required), Work: f.Text("kind", form.Required, form.OneOf("off", "work")) == "work",
		Reason: f.Text("reason", form.Required, form.Max(200)),
	}
	if f.OK() {
		err := p.Service.Decide(r.Context(), auth.From(r.Context()), in)
		if err == nil {
			return p.done(w, r, "calendar.done", in.On)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.show(w, r, f)
}

// done goes back to the year of a day.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, flash, day string) error {
	p.Sessions.Flash(r.Context(), flash)
	to := Path
	if d, err := workday.Parse(day); err == nil {
		to += fmt.Sprintf("?year=%d", d.Year())
	}
	return httpx.SeeOther(w, r, to)
}

func (p *Pages) takeBack(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.TakeBack(r.Context(), auth.From(r.Context()), r.PathValue("id"), int(f.Int("version", 1, 1<<31, true)), f.Text("end_reason", form.Required, form.Max(200)))
	if err == nil {
		return p.done(w, r, "calendar.taken_back", f.Value("day"))
	}
	if !f.Reject(err) {
		return err
	}
	return p.show(w, r, f)
}

func (p *Pages) announce(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	year := int(f.Int("year", 2000, 2100, true))
	if f.OK() {
		err := p.Service.Announce(r.Context(), auth.From(r.Context()), year, f.Value("text"))
		if err == nil {
			return p.done(w, r, "calendar.announced", fmt.Sprintf("%d-01-01", year))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.show(w, r, f)
}

func (x yearPage) tabs(ctx context.Context) []view.Tab {
	var out []view.Tab
	for y := x.First; y <= x.Last; y++ {
		out = append(out, view.Tab{Href: fmt.Sprintf("%s?year=%d", Path, y), Text: i18n.T(ctx, "calendar.year", "year", y), Active: y == x.Year.Year})
	}
	return out
}

func kindWord(ctx context.Context, work bool) string {
	if work {
		return i18n.T(ctx, "calendar.work")
	}
	return i18n.T(ctx, "calendar.off")
}

func day(ctx context.Context, d workday.Date) string {
	return i18n.FormatDate(ctx, workday.StartOf(d))
}

func heads(ctx context.Context, keys ...string) []view.Head {
	var out []view.Head
	for _, key := range keys {
		out = append(out, view.Head{Text: i18n.T(ctx, "calendar.col."+key)})
	}
	return out
}

// ins are the inputs of the form for a day.
func (x yearPage) ins(ctx context.Context) []view.In {
	regions := []view.Opt{{Label: i18n.T(ctx, "flow.choose")}}
	for _, r := range x.p.Identity.Directory().Regions {
		regions = append(regions, view.Opt{Value: r.Code, Label: r.Name.For(ctx)})
	}
	return []view.In{
		{Name: "on", Label: i18n.T(ctx, "calendar.day"), Type: "date", Required: true, Width: "sm"},
		{Name: "kind", Label: i18n.T(ctx, "calendar.kind"), Required: true, Options: []view.Opt{{Value: "off", Label: i18n.T(ctx, "calendar.kind.off")}, {Value: "work", Label: i18n.T(ctx, "calendar.kind.work")}}},
		{Name: "region", Label: i18n.T(ctx, "calendar.region"), Hint: i18n.T(ctx, "calendar.region_hint"), Required: true, Width: "md", Options: regions},
		{Name: "reason", Label: i18n.T(ctx, "calendar.reason"), Hint: i18n.T(ctx, "calendar.reason_hint"), Required: true, MaxLength: 200},
	}
}

// noticeIn is the input of a notice, with an example of its form.
func (x yearPage) noticeIn(ctx context.Context) view.In {
	return view.In{
		Name: "text", Label: i18n.T(ctx, "calendar.notice_text"), Hint: i18n.T(ctx, "calendar.notice_hint"), Required: true, Rows: 8,
		Placeholder: fmt.Sprintf("%d 国务院办公厅关于%d年部分节假日安排的通知\n  元旦 off 01-01..01-03 work 01-04", x.Year.Year, x.Year.Year),
	}
}
