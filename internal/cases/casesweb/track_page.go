package casesweb

import (
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// errTrack never says whether the number or the code is wrong.
var errTrack = errs.Define(errs.Invalid, "cases.track")

// trackPage is a case as anybody with its number and code may see it.
type trackPage struct {
	*cases.View
	clock    view.ClockView
	hasClock bool
	waiting  string
	timeline []view.TimelineEvent
	ladder   []view.LadderGroup
}

// trackAsk asks for number and code.
func (p *Pages) trackAsk(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, trackForm(form.New("number", r.FormValue("number"))))
}

// track answers in place: the code must not stand in an address.
func (p *Pages) track(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	number, code := f.Text("number", form.Required, form.Max(40)), f.Text("code", form.Required, form.Max(20))
	if f.OK() {
		v, err := p.Service.Track(ctx, auth.From(ctx), number, code)
		if err == nil {
			d := trackPage{View: v, timeline: p.timeline(ctx, v, forPublic), ladder: p.ladder(ctx, "", v)}
			if d.clock, d.hasClock = p.clockView(ctx, v, false); !d.hasClock {
				d.waiting = p.clockWords(ctx, &v.Case, v.Item)
			}
			for i := range d.clock.Pauses {
				d.clock.Pauses[i].Reason = publicReason(ctx, v.Pauses[i])
			}
			return view.Render(w, r, http.StatusOK, trackView(d))
		}
		if errors.Is(err, cases.ErrNotFound) {
			f.Complain("number", errTrack.Code, nil)
		} else if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), trackForm(f))
}
