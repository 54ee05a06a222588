package insightweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type leadPage struct{ insight.Cockpit }

// lead shows the cockpit; the period is in the address.
func (p *Pages) lead(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Service.Cockpit(r.Context(), auth.From(r.Context()), insight.Period(r.URL.Query().Get("period")))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, cockpit(leadPage{c}))
}

func (p leadPage) tabs(ctx context.Context) []view.Tab {
	var out []view.Tab
	for _, x := range insight.Periods {
		out = append(out, view.Tab{Href: "/lead?period=" + string(x), Text: i18n.T(ctx, "insight.period."+string(x)), Active: x == p.Period})
	}
	return out
}

// topRows is how many departments are shown at once.
const topRows = 10

// busy are the departments that did something in the period or have something in hand.
func (p leadPage) busy() []insight.DepartmentRow {
	var out []insight.DepartmentRow
	for _, d := range p.Departments {
		if d.Received.Now+d.Decided.Now+d.Running+d.Waiting+d.Ratings.N+d.ToRectify > 0 {
			out = append(out, d)
		}
	}
	return out
}

// list is the door to a list of cases, narrowed as the number is.
func (p leadPage) list(name string, kv ...string) string {
	return narrowed("/work/lists/"+name, append([]string{"department", p.DepartmentID}, kv...)...)
}

func (p leadPage) ratings(kv ...string) string {
	return narrowed("/work/ratings", append([]string{"department", p.DepartmentID}, kv...)...)
}

func narrowed(path string, kv ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			q.Set(kv[i], kv[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// done are the numbers of the period, each against the period before.
func (p leadPage) done(ctx context.Context) []view.KPI {
	a := p.All
	inTime := percent(a.InTime)
	return []view.KPI{
		{Href: p.list("all"), Label: i18n.T(ctx, "insight.kpi.received"), Figure: number(a.Received.Now), Unit: unit(ctx), Note: change(ctx, a.Received)},
		{Href: p.list("all"), Label: i18n.T(ctx, "insight.kpi.decided"), Figure: number(a.Decided.Now), Unit: unit(ctx), Note: change(ctx, a.Decided)},
		{Href: "#departments", Label: i18n.T(ctx, "insight.kpi.in_time"), Figure: inTime, Note: rateNote(ctx, a.InTime, a.InTimeBefore)},
		p.pace(ctx),
	}
}

func (p leadPage) pace(ctx context.Context) view.KPI {
	k := view.KPI{Href: "#departments", Label: i18n.T(ctx, "insight.kpi.pace"), Figure: "—", Note: i18n.T(ctx, "insight.pace.none")}
	if p.Pace.N == 0 {
		return k
	}
	k.Figure, k.Unit = number(p.Pace.Real), i18n.T(ctx, "insight.unit.days")
	if p.Pace.Real == 1 {
		k.Unit = i18n.T(ctx, "insight.unit.day")
	}
	k.Note = i18n.T(ctx, "insight.pace.promised", "n", p.Pace.Promised)
	if saved, ok := p.Pace.Saved(); ok && saved > 0 {
		k.Note = i18n.T(ctx, "insight.pace.saved", "n", p.Pace.Promised, "share", saved)
	}
	if p.PaceBefore.N > 0 {
		k.Note += i18n.T(ctx, "insight.pace.before", "n", p.PaceBefore.Real)
	}
	return k
}

// hand is what is under way now.
func (p leadPage) hand(ctx context.Context) []view.KPI {
	a := p.All
	overdue := view.KPI{Href: p.list("overdue"), Label: i18n.T(ctx, "insight.kpi.overdue"), Figure: number(a.Overdue()), Unit: unit(ctx), Note: i18n.T(ctx, "insight.overdue.none")}
	if a.Overdue() > 0 {
		overdue.NoteComponent = overdueNote(a)
	}
	return []view.KPI{
		{Href: p.list("all", "state", "handling"), Label: i18n.T(ctx, "insight.kpi.running"), Figure: number(a.Running), Unit: unit(ctx), Note: i18n.T(ctx, "insight.running.note")},
		{Href: p.list("near"), Label: i18n.T(ctx, "insight.kpi.near"), Figure: number(a.Warning), Unit: unit(ctx), Note: i18n.T(ctx, "insight.near.note")},
		overdue,
		{Href: p.list("waiting"), Label: i18n.T(ctx, "insight.kpi.waiting"), Figure: number(a.Waiting), Unit: unit(ctx), Note: i18n.T(ctx, "insight.waiting.note")},
	}
}

// people is what those who were served say, and where they went.
func (p leadPage) people(ctx context.Context) []view.KPI {
	a := p.All
	score := view.KPI{Href: p.ratings(), Label: i18n.T(ctx, "insight.kpi.score"), Figure: mean(a.Ratings), Note: i18n.T(ctx, "insight.score.none")}
	switch {
	case a.Ratings.N > 0 && a.RatingsFirst.N > 0:
		score.Unit, score.Note = i18n.T(ctx, "insight.unit.points"), i18n.T(ctx, "insight.score.before", "n", a.Ratings.N, "before", mean(a.RatingsFirst))
	case a.Ratings.N > 0:
		score.Unit, score.Note = i18n.T(ctx, "insight.unit.points"), i18n.T(ctx, "insight.score.note", "n", a.Ratings.N)
	}
	return []view.KPI{
		score,
		{Href: p.ratings(), Label: i18n.T(ctx, "insight.kpi.bad_share"), Figure: percent(insight.Rate{Part: a.Bad, Whole: a.Ratings.N}), Note: i18n.T(ctx, "insight.bad_share.note", "n", a.Bad)},
		{Href: p.ratings("show", "bad"), Label: i18n.T(ctx, "insight.kpi.bad"), Figure: number(a.ToRectify), Unit: i18n.T(ctx, "insight.unit.ratings"), Note: i18n.T(ctx, "insight.bad.note")},
		{Href: p.list("all"), Label: i18n.T(ctx, "insight.kpi.crossed"), Figure: percent(a.Crossed), Note: crossedNote(ctx, a.Crossed, a.CrossedFirst)},
		{Href: "/work/certificates/saved", Label: i18n.T(ctx, "insight.kpi.spared"), Figure: number(p.Spared.Now), Unit: i18n.T(ctx, "insight.unit.papers"), Note: change(ctx, p.Spared)},
	}
}

func unit(ctx context.Context) string { return i18n.T(ctx, "insight.unit.cases") }

func mean(s insight.Score) string {
	if s.N == 0 {
		return "—"
	}
	return strconv.FormatFloat(s.Mean(), 'f', 1, 64)
}

func percent(r insight.Rate) string {
	n, ok := r.Percent()
	if !ok {
		return "—"
	}
	return strconv.Itoa(n) + "%"
}

// few is below which nothing is compared in percent.
const few = 10

// change compares a count with the period before.
func change(ctx context.Context, c insight.Count) string {
	switch d := c.Now - c.Before; {
	case c.Before == 0 && c.Now == 0:
		return i18n.T(ctx, "insight.change.never")
	case c.Before == 0:
		return i18n.T(ctx, "insight.change.first")
	case c.Before < few || c.Now > 4*c.Before: // a share of so little says nothing
		return i18n.T(ctx, "insight.change.only", "before", number(c.Before))
	case d == 0:
		return i18n.T(ctx, "insight.change.same", "before", number(c.Before))
	case d > 0:
		return i18n.T(ctx, "insight.change.more", "share", (100*d+c.Before/2)/c.Before, "before", number(c.Before))
	default:
		return i18n.T(ctx, "insight.change.less", "share", (-100*d+c.Before/2)/c.Before, "before", number(c.Before))
	}
}

func rateNote(ctx context.Context, now, before insight.Rate) string {
	if now.Whole == 0 {
		return i18n.T(ctx, "insight.in_time.none")
	}
	if p, ok := before.Percent(); ok && before.Whole >= few {
		return i18n.T(ctx, "insight.in_time.before", "late", now.Whole-now.Part, "before", p)
	}
	return i18n.T(ctx, "insight.in_time.note", "late", now.Whole-now.Part)
}

func crossedNote(ctx context.Context, now, before insight.Rate) string {
	if now.Whole == 0 {
		return i18n.T(ctx, "insight.crossed.none")
	}
	if p, ok := before.Percent(); ok && before.Whole >= few {
		return i18n.T(ctx, "insight.crossed.before", "n", now.Part, "of", now.Whole, "before", p)
	}
	return i18n.T(ctx, "insight.crossed.note", "n", now.Part, "of", now.Whole)
}

func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bar is one week of the chart. It is drawn without a viewBox: sideways in
// percent of the width, upwards in pixels, so that its words keep their size.
type bar struct {
	X, Middle, Width string // percent
	Y, Height        int    // px
	Value            string // above the bar, "" where there is no room
	Day              string // below it, "" where there is no room
	Open             bool
}

// The chart stands on a line 140 px below its top; the highest bar ends 20 px below it.
const (
	ground  = 140
	highest = 120
)

func (p leadPage) bars(ctx context.Context) []bar {
	top, n := 1, len(p.Weeks)
	for _, w := range p.Weeks {
		top = max(top, w.N)
	}
	step, every := 100/float64(max(n, 1)), max((n+4)/5, 1) // five days at most fit on a phone
	out := make([]bar, n)
	for i, w := range p.Weeks {
		h := w.N * highest / top
		if w.N > 0 {
			h = max(h, 2)
		}
		out[i] = bar{X: share(float64(i)*step + 0.15*step), Middle: share((float64(i) + 0.5) * step), Width: share(0.7 * step), Y: ground - h, Height: h, Open: w.Open}
		if n <= 16 && w.N > 0 || w.N == top && w.N > 1 {
			out[i].Value = number(w.N)
		}
		if i%every == every/2 {
			out[i].Day = shortDay(ctx, w.Monday)
		}
	}
	if n > 16 { // equal highest bars: one figure is enough
		said := false
		for i := range out {
			if out[i].Value != "" && said {
				out[i].Value = ""
			}
			said = said || out[i].Value != ""
		}
	}
	return out
}

func share(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

// shortDay is a day without its year: 3月2日, 2 Mar.
func shortDay(ctx context.Context, d workday.Date) string {
	_, month, day := d.Date()
	return i18n.T(ctx, "insight.chart.day", "month", i18n.T(ctx, "insight.month."+strconv.Itoa(int(month))), "day", day)
}

// chartLabel says in words what the chart shows.
func (p leadPage) chartLabel(ctx context.Context) string {
	low, high := p.Weeks[0], p.Weeks[0]
	for _, w := range p.Weeks {
		if w.N > high.N {
			high = w
		}
		if w.N < low.N && !w.Open {
			low = w
		}
	}
	return i18n.T(ctx, "insight.chart.label", "n", len(p.Weeks), "high", high.N, "high_week", shortDay(ctx, high.Monday), "low", low.N, "low_week", shortDay(ctx, low.Monday))
}
