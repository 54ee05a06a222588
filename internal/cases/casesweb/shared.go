package casesweb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// The two faces of the module: everything of an applicant lies below my,
// everything of staff below work. Pages that both share take one as base.
const (
	my   = "/my"
	work = "/work"
)

// formRoutes are the pages of a form in hand (fields, materials, review,
// submission) below a base, my or work.
func (p *Pages) formRoutes(base string, need auth.Need) []httpx.Route {
	return formPages{p, base}.routes(need)
}

// casePath is the address of a case, or of a page below it:
// casePath(work, id) or casePath(my, id, "form").
func casePath(base string, id cases.ID, below ...string) string {
	return base + "/cases/" + string(id) + strings.Join(append([]string{""}, below...), "/")
}

func (p *Pages) now() time.Time { return p.Clock.Now() }

// StateWord is the state of a case in a word. With needs, the case waits for
// the applicant: the chip of the applicant is filled then.
func StateWord(ctx context.Context, k *cases.Case) (word string, needs bool) {
	switch {
	case k.NeedsApplicant && !k.State.Ended():
		return i18n.T(ctx, "cases.state.needs_applicant"), true
	case k.State == cases.Delivered && k.Outcome.NeedsReason(), k.State == cases.Decided:
		return i18n.T(ctx, "cases.outcome."+string(k.Outcome)), false
	default:
		return i18n.T(ctx, "cases.state."+string(k.State)), false
	}
}

// limitWords writes a limit: 5 个工作日; "" without one.
func limitWords(ctx context.Context, l workday.Limit) string {
	if l.IsZero() {
		return ""
	}
	return i18n.Count(ctx, "cases.limit."+string(l.Unit), l.N)
}

// clockWords says how long is left. The item may be nil (in lists): then the
// limits are not named behind it.
func (p *Pages) clockWords(ctx context.Context, k *cases.Case, item *catalogue.Item) string {
	var words string
	switch {
	case k.State == cases.Draft:
		return i18n.T(ctx, "cases.clock.draft")
	case k.State == cases.Withdrawn, k.State == cases.Refused, k.State == cases.Revoked:
		return ""
	case k.State == cases.Supplementing:
		return i18n.T(ctx, "cases.clock.supplementing")
	case k.Channel == cases.ByAward: // nobody applied, so nobody waited
		return i18n.T(ctx, "cases.clock.award")
	case k.AcceptedAt.IsZero():
		return i18n.T(ctx, "cases.clock.not_accepted")
	case !k.DecidedAt.IsZero():
		words = i18n.T(ctx, "cases.clock.same_day")
		if n := int(p.Service.CalendarOf(k).Between(workday.DateOf(k.AcceptedAt), workday.DateOf(k.DecidedAt))); n > 0 {
			words = i18n.Count(ctx, "cases.clock.used", n)
		}
	case k.Paused:
		words = i18n.T(ctx, "cases.clock.paused")
	case k.DueAt.IsZero():
		return i18n.T(ctx, "cases.clock.no_limit")
	default:
		words = LeftWords(ctx, p.Service.CalendarOf(k), p.now(), k.DueAt)
	}
	if item == nil {
		return words
	}
	return words + limitsBehind(ctx, item)
}

// LeftWords is the time up to a limit in working days.
func LeftWords(ctx context.Context, cal *workday.Calendar, now, due time.Time) string {
	switch left := int(cal.Remaining(now, due)); {
	case left < 0 || !now.Before(due):
		return i18n.Count(ctx, "cases.clock.overdue", max(-left, 1))
	case left == 0:
		return i18n.T(ctx, "cases.clock.today")
	default:
		return i18n.Count(ctx, "cases.clock.left", left)
	}
}

// limitsBehind names promise and law in brackets.
func limitsBehind(ctx context.Context, item *catalogue.Item) string {
	promised, statutory := limitWords(ctx, item.Promised), limitWords(ctx, item.Statutory)
	switch {
	case promised != "" && statutory != "":
		return i18n.T(ctx, "cases.clock.both", "promised", promised, "statutory", statutory)
	case promised != "":
		return i18n.T(ctx, "cases.clock.promised", "promised", promised)
	case statutory != "":
		return i18n.T(ctx, "cases.clock.statutory", "statutory", statutory)
	default:
		return ""
	}
}

// clockView is the clock of a case; ok is false before acceptance, when there
// is nothing to draw. The light is shown to staff only.
func (p *Pages) clockView(ctx context.Context, v *cases.View, staff bool) (c view.ClockView, ok bool) {
	if v.AcceptedAt.IsZero() || v.State == cases.Withdrawn {
		return c, false
	}
	c = view.ClockView{Accepted: v.AcceptedAt, Due: v.DueAt, Now: p.now(), Words: p.clockWords(ctx, &v.Case, v.Item)}
	if !v.StatutoryAt.Equal(v.DueAt) {
		c.Statutory = v.StatutoryAt
	}
	if !v.DecidedAt.IsZero() {
		c.Now, c.Done = v.DecidedAt, true
	}
	if staff {
		c.Light = v.Light(p.now())
	}
	for _, x := range v.Pauses {
		c.Pauses = append(c.Pauses, view.Span{From: x.From, To: x.To, Reason: pauseReason(ctx, x.Kind, stoppedBy(ctx, v, x.From, x.Reason))})
	}
	return c, true
}

// pauseReason is the kind of a pause with what was written about it.
func pauseReason(ctx context.Context, kind, why string) string {
	word := i18n.T(ctx, "cases.pause."+kind)
	if why == "" || why == word { // a task that stops the clock may be named like the kind
		return word
	}
	return i18n.T(ctx, "cases.colon", "a", word, "b", why)
}

// stoppedBy is why a pause began: what somebody wrote, or the name of the task
// that stopped the clock by itself, which the reader reads in his language.
func stoppedBy(ctx context.Context, v *cases.View, from time.Time, reason string) string {
	for _, e := range v.Events {
		if e.Command == cases.CmdPause && e.At.Equal(from) && e.Detail["task"] != nil {
			return textOf(ctx, e.Detail["task"])
		}
	}
	return reason
}

// publicReason is the kind of a pause only: what was written may name people.
func publicReason(ctx context.Context, x cases.Pause) string {
	return i18n.T(ctx, "cases.pause."+x.Kind)
}

// reader is for whom a timeline is written.
type reader int

const (
	forPublic    reader = iota // with number and code only: no names
	forApplicant               // who it was by office, without names of staff
	forStaff                   // with everything
)

// timeline is what happened, newest first.
func (p *Pages) timeline(ctx context.Context, v *cases.View, to reader) []view.TimelineEvent {
	out := make([]view.TimelineEvent, 0, len(v.Events))
	for i, e := range slices.Backward(v.Events) {
		t := view.TimelineEvent{What: eventWords(ctx, e), At: e.At, Now: i == len(v.Events)-1 && !v.State.Ended(), Reason: e.Reason}
		t.Role, t.Who = whoWords(ctx, v, e, to)
		if e.Command == cases.CmdAskSupplement || e.Command == cases.CmdSendBack {
			t.Reason = pointsOf(ctx, v, e)
		}
		if e.Command == cases.CmdAward {
			t.Reason = e.Award().Basis.For(ctx)
		}
		if e.Command == cases.CmdPause && e.Detail["task"] != nil {
			if t.Reason = textOf(ctx, e.Detail["task"]); strings.Contains(t.What, t.Reason) {
				t.Reason = "" // said already
			}
		}
		if to == forPublic {
			t.Reason = "" // a reason may name people
			if slices.Contains([]cases.Command{cases.CmdHandOver, cases.CmdTakeOver, cases.CmdDecline}, e.Command) {
				t.What = i18n.T(ctx, "cases.event.hand_over_public") // no names
			}
			if e.Command == cases.CmdIssue {
				t.What = i18n.T(ctx, "cases.event.issue_public", "title", textOf(ctx, e.Detail["title"]))
			}
		}
		out = append(out, t)
	}
	return out
}

func eventWords(ctx context.Context, e cases.Event) string {
	key := "cases.event." + string(e.Command)
	var kv []any
	switch e.Command {
	case cases.CmdDecide:
		if o := e.Word("outcome"); o != "" {
			key += "_" + o
		}
	case cases.CmdAward:
		kv = append(kv, "amount", e.Award().Amount.String())
	case cases.CmdSubmit:
		if e.Number("data_version") > 1 {
			key = "cases.event.submit_again"
		}
	case cases.CmdExtend:
		kv = append(kv, "n", e.Detail["days"])
	case cases.CmdIssue:
		kv = append(kv, "title", textOf(ctx, e.Detail["title"]), "number", e.Detail["number"])
	case cases.CmdPause:
		kv = append(kv, "kind", i18n.T(ctx, "cases.pause."+fmt.Sprint(e.Detail["kind"])))
	case cases.CmdCheck, cases.CmdHandIn, cases.CmdWaive:
		kv = append(kv, "material", textOf(ctx, e.Detail["material"]))
	case cases.CmdLapse:
		if to := e.Word("to"); to != "" {
			key += "_" + to
		}
	case cases.CmdVerify:
		key += "_" + fmt.Sprint(e.Detail["result"])
		kv = append(kv, "until", e.Detail["until"])
	case cases.CmdDeliver:
		if how := e.Word("how"); how != "" {
			key += "_" + how
		}
	case cases.CmdStep:
		if what := e.Word("what"); what != "" {
			key += "_" + what
		}
		kv = append(kv, "n", e.Detail["n"], "step", textOf(ctx, e.Detail["step"]))
	case cases.CmdTransfer:
		kv = append(kv, "from", textOf(ctx, e.Detail["from_name"]), "to", textOf(ctx, e.Detail["to_name"]))
		if e.Detail["wrong_body"] == true {
			key += "_wrong_body"
		}
	case cases.CmdCalendar:
		if day := e.Word("day"); day != "" {
			key += "_day"
			kv = append(kv, "date", dayOf(ctx, day))
		}
		kv = append(kv, "day", i18n.FormatLastMoment(ctx, e.Instant("due")))
	case cases.CmdMove:
		kv = append(kv, "from", e.Detail["from"], "to", e.Detail["to"])
	case cases.CmdRemind:
		kv = append(kv, "day", i18n.FormatLastMoment(ctx, e.Instant("due")))
	case cases.CmdReturn:
		kv = append(kv, "task", textOf(ctx, e.Detail["task"]), "desk", textOf(ctx, e.Detail["desk"]))
	case cases.CmdArrange:
		kv = append(kv, "day", dayOf(ctx, e.Detail["on"]), "place", e.Detail["place"])
	case cases.CmdObject, cases.CmdAnswer:
		if e.Detail["channel"] == "online" {
			key += "_online"
		}
		if e.Detail["upheld"] == true {
			key += "_upheld"
		}
		kv = append(kv, "task", textOf(ctx, e.Detail["task"]))
	case cases.CmdPublicise:
		kv = append(kv, "task", textOf(ctx, e.Detail["task"]), "day", i18n.FormatLastMoment(ctx, e.Instant("until")))
	case cases.CmdHandOver, cases.CmdTakeOver:
		if e.Command == cases.CmdHandOver && textOf(ctx, e.Detail["to"]) == "" {
			key += "_back"
		}
		kv = append(kv, "of", textOf(ctx, e.Detail["of"]), "to", textOf(ctx, e.Detail["to"]))
	case cases.CmdReassign:
		kv = append(kv, "task", textOf(ctx, e.Detail["task"]), "to", textOf(ctx, e.Detail["to"]))
	case cases.CmdClaim, cases.CmdRelease, cases.CmdEndorse, cases.CmdSkip:
		if r := e.Word("result"); r == "object" {
			key += "_object"
		}
		to := textOf(ctx, e.Detail["to"])
		if e.Command == cases.CmdRelease && to != "" { // who had it left
			key += "_to"
		}
		kv = append(kv, "task", textOf(ctx, e.Detail["task"]), "to", to)
	}
	return i18n.T(ctx, key, kv...)
}

// textOf reads a text that went through JSON, or one that did not.
func textOf(ctx context.Context, v any) string {
	switch v := v.(type) {
	case i18n.Text:
		return v.For(ctx)
	case map[string]any:
		zh, _ := v["zh"].(string)
		en, _ := v["en"].(string)
		return i18n.Text{ZH: zh, EN: en}.For(ctx)
	case string:
		return v
	}
	return ""
}

// whoWords says who did it: the role first.
func whoWords(ctx context.Context, v *cases.View, e cases.Event, to reader) (role, who string) {
	switch auth.Kind(e.ActorKind) {
	case auth.System:
		return i18n.T(ctx, "cases.who.system"), ""
	case auth.Staff:
		role, who = i18n.T(ctx, "role."+e.ActorRole), e.Place.For(ctx)
		if to == forStaff {
			who = strings.TrimSpace(who + " " + e.ActorName)
			if name := textOf(ctx, e.Detail["for"]); name != "" {
				who = i18n.T(ctx, "cases.who.for", "who", who, "name", name)
			}
		}
		return role, who
	case auth.Client:
		role = i18n.T(ctx, "cases.who.client")
	default:
		role = i18n.T(ctx, "cases.who.applicant")
	}
	switch {
	case to == forPublic:
		return role, ""
	case to == forApplicant && e.ActorID == auth.From(ctx).ID:
		return "", i18n.T(ctx, "cases.who.you")
	case v.AccountID == e.ActorID || to == forStaff || to == forApplicant:
		if via := textOf(ctx, e.Detail["via"]); via != "" {
			return role, e.ActorName + " · " + i18n.T(ctx, "mandate.via", "organisation", via)
		}
		return role, e.ActorName
	}
	return role, ""
}

// pointsOf writes what a notice asked for: each thing with its reason.
func pointsOf(ctx context.Context, v *cases.View, e cases.Event) string {
	q := requestOf(v, e)
	var parts []string
	for _, x := range q.Points {
		parts = append(parts, i18n.T(ctx, "cases.colon", "a", pointName(ctx, v.Item, x), "b", x.Reason))
	}
	if q.Note != "" {
		parts = append(parts, q.Note)
	}
	return strings.Join(parts, i18n.T(ctx, "cases.semicolon"))
}

// requestOf is what the notice of an event asked for: the first notice of its
// kind made the first request of its kind, and so on.
func requestOf(v *cases.View, e cases.Event) cases.Request {
	kind := "supplement"
	if e.Command == cases.CmdSendBack {
		kind = "return"
	}
	n := 0
	for _, x := range v.Events {
		if x.Command == e.Command && x.Seq < e.Seq {
			n++
		}
	}
	for _, q := range v.Requests {
		if q.Kind != kind {
			continue
		}
		if n == 0 {
			return q
		}
		n--
	}
	return cases.Request{}
}

// pointName names the field or material that is asked for.
func pointName(ctx context.Context, item *catalogue.Item, x cases.Point) string {
	if x.Kind == "material" {
		if m, ok := item.Material(x.Key); ok {
			return m.Name.For(ctx)
		}
	}
	if f, s, row, ok := item.At(x.Key); ok {
		if row != "" {
			return i18n.T(ctx, "forms.rows.label", "row", s.Repeat.Row, "label", f.Label)
		}
		return f.Label.For(ctx)
	}
	return i18n.T(ctx, "cases.point.other")
}

// materialRows shows materials as they stand, with their files to open below base.
func materialRows(ctx context.Context, base string, id cases.ID, list []cases.MaterialState) []view.MaterialRow {
	out := make([]view.MaterialRow, 0, len(list))
	for _, m := range list {
		row := materialRow(ctx, m)
		row.How = append(row.How, paperFacts(ctx, base, m)...)
		askedMark(ctx, base, m, &row)
		if len(m.Files) > 0 {
			row.Body = fileLinks(base, id, m.Files)
		}
		if base == work && m.How == cases.ByCertificate && m.Ref != "" {
			row.Body = lentLink(id, m.Key)
		}
		out = append(out, row)
	}
	return out
}

// materialRow is one material without its files.
func materialRow(ctx context.Context, m cases.MaterialState) view.MaterialRow {
	row := view.MaterialRow{Name: m.Material.Name.For(ctx), Why: m.Reason, How: []string{howWords(ctx, m)}}
	if row.Name == "" {
		row.Name = m.Key
	}
	switch m.How {
	case cases.ByUpload, cases.ByEarlier, cases.ByCertificate, cases.ByCommitment, cases.BySight:
		row.State = view.MaterialOK
	case cases.Later:
		row.State = view.MaterialLater
	case cases.NotGiven:
		row.State, row.Need = view.MaterialMissing, i18n.T(ctx, "cases.need.optional")
	default:
		row.State = view.MaterialMissing
		if m.Reason != "" {
			row.State = view.MaterialNeeds
		}
	}
	return row
}

// askedMark marks a material that the applicant was asked for: for him filled.
func askedMark(ctx context.Context, base string, m cases.MaterialState, row *view.MaterialRow) {
	switch {
	case m.Reason == "" || row.State != view.MaterialNeeds:
	case base == my:
		row.NeedsYou = i18n.T(ctx, "cases.need.asked")
	default:
		row.Need = i18n.T(ctx, "cases.need.asked_of")
	}
}

func howWords(ctx context.Context, m cases.MaterialState) string {
	switch m.How {
	case cases.ByUpload:
		return i18n.Count(ctx, "cases.how.upload", len(m.Files))
	case cases.ByEarlier:
		return i18n.Count(ctx, "cases.how.earlier", len(m.Files))
	case cases.ByCertificate:
		number := m.Ref
		if idcode.CheckResidentID(number).Verdict == idcode.Valid { // of an identity card; whoever looks over a shoulder need not know it
			number = idcode.MaskID(number)
		}
		return i18n.T(ctx, "cases.how.certificate", "number", number)
	case cases.Missing:
		if m.Flaw != nil {
			return i18n.T(ctx, "error."+m.Flaw.Code)
		}
	}
	return i18n.T(ctx, "cases.how."+string(m.How))
}

// shownAnswer is an answer as people read it: a date with its weekday.
func shownAnswer(ctx context.Context, f catalogue.Field, answer any) string {
	v := cases.Shown(f, answer, i18n.LocaleOf(ctx))
	if f.Type == catalogue.FieldDate {
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			return i18n.FormatDate(ctx, day)
		}
	}
	return v
}

// maskedCode hides the middle of a person's identity number; a credit code is public.
func maskedCode(k *cases.Case) string {
	if k.Party.Kind == "person" {
		return personal.Shown(personal.IDNumber, personal.File, personal.Reader{}, k.Party.Code)
	}
	return k.Party.Code
}
