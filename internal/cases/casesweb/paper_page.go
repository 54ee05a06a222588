package casesweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// paperPage is a printable notice of a case.
type paperPage struct {
	*cases.View
	paper
	base        string
	event       cases.Event
	department  identity.Department
	certificate *identity.Certificate
	code        bool // the reader may see the pick-up code
}

// paper shows a notice that exists for the case, to applicant or staff.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	d := paperPage{View: v, base: my, department: p.Identity.Directory().Department(v.DepartmentID), code: true}
	if strings.HasPrefix(r.URL.Path, work+"/") {
		// The code proves who collects: of staff only who took the paper in prints it.
		d.base, d.code = work, v.FiledBy == actor.ID
	}
	no := max(1, atoi(r.FormValue("no")))
	found := false
	for _, x := range papers(ctx, v) {
		if x.Kind == r.PathValue("kind") && x.No == no {
			d.paper, found = x, true
		}
	}
	if !found {
		return httpx.ErrNotFound
	}
	d.event = eventOf(v, d.Kind, d.No)
	if c, ok, err := p.Service.Certificate(ctx, v); err != nil {
		return err
	} else if ok {
		d.certificate = &c
	}
	return view.Render(w, r, http.StatusOK, paperView(d))
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// eventOf is the event that left the notice.
func eventOf(v *cases.View, kind string, no int) cases.Event {
	n := 0
	for _, e := range v.Events {
		if paperOf[e.Command] != kind {
			continue
		}
		if n++; n == no {
			return e
		}
	}
	return cases.Event{}
}

func (d paperPage) view(ctx context.Context) view.PaperView {
	x := view.PaperView{
		Title: paperTitle(ctx, d.Kind, d.View), Number: i18n.T(ctx, "cases.paper.number", "number", d.Number), To: i18n.T(ctx, "cases.paper.to", "name", d.Party.Name),
		SignedBy: d.department.Name.For(ctx), SignedOn: d.At, QR: trackPath(d.Number),
		Foot: []string{i18n.T(ctx, "cases.paper.foot_track")},
	}
	if d.department.Phone != "" {
		x.Foot = append(x.Foot, i18n.T(ctx, "cases.paper.foot_phone", "phone", d.department.Phone))
	}
	if d.department.ComplaintPhone != "" {
		x.Foot = append(x.Foot, i18n.T(ctx, "cases.paper.foot_complaint", "phone", d.department.ComplaintPhone))
	}
	if i18n.LocaleOf(ctx) != i18n.Source {
		x.Foot = append(x.Foot, i18n.T(ctx, "cases.paper.language"))
	}
	return x
}

// limit as the event left it: an acceptance or an extension.
func (d paperPage) limit() time.Time {
	if ms, ok := d.event.Detail["due"].(float64); ok {
		return time.UnixMilli(int64(ms))
	}
	return d.DueAt
}

// reason of a decision, unless its text says it already.
func (d paperPage) reason() string {
	if d.Decision == nil || strings.Contains(d.Decision.Text.ZH, d.Decision.Reason) {
		return ""
	}
	return d.Decision.Reason
}

// tellsRights says whether a decision needs the rights beside its text.
func (d paperPage) tellsRights() bool {
	return d.Outcome == cases.Denied && d.Decision != nil && !strings.Contains(d.Decision.Text.ZH, "行政复议")
}

func (d paperPage) detail(key string) string {
	s, _ := d.event.Detail[key].(string)
	return s
}

// rights names what can be done against a decision: the law's ways for an
// approval, the zone's own for a service that is none.
func (d paperPage) rights(ctx context.Context) string {
	if d.Item.Family == catalogue.ScienceService {
		return i18n.T(ctx, "cases.paper.service_rights")
	}
	return i18n.T(ctx, "cases.paper.rights")
}

func (d paperPage) receiptFacts(ctx context.Context) []view.Pair {
	return []view.Pair{
		{Key: i18n.T(ctx, "cases.fact.item"), Value: d.ItemName.For(ctx)},
		{Key: i18n.T(ctx, "cases.fact.code"), Value: maskedCode(&d.Case)},
		{Key: i18n.T(ctx, "cases.fact.department"), Value: d.department.Name.For(ctx)},
		{Key: i18n.T(ctx, "cases.fact.channel"), Value: i18n.T(ctx, "cases.channel."+string(d.Channel))},
		{Key: i18n.T(ctx, "cases.fact.collect"), Value: i18n.T(ctx, "cases.collect."+string(d.Collect))},
	}
}

func (d paperPage) deliveryFacts(ctx context.Context) []view.Pair {
	how := d.detail("how")
	if how == "" {
		how = string(d.Collect)
	}
	receiver := d.detail("receiver")
	if receiver == "" {
		receiver = d.Party.Name.For(ctx)
	}
	return []view.Pair{
		{Key: i18n.T(ctx, "cases.fact.item"), Value: d.ItemName.For(ctx)},
		{Key: i18n.T(ctx, "cases.fact.outcome"), Value: i18n.T(ctx, "cases.outcome."+string(d.Outcome))},
		{Key: i18n.T(ctx, "cases.fact.how"), Value: i18n.T(ctx, "cases.collect."+how)},
		{Key: i18n.T(ctx, "cases.fact.receiver"), Value: receiver},
		{Key: i18n.T(ctx, "cases.fact.delivered"), Value: i18n.FormatDateTime(ctx, d.At)},
	}
}
