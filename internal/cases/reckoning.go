package cases

import (
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// Reckoning is how the due day of a case came about, by the rule of the engine
// itself: the limit that counts, what was added, and what that sums up to.
type Reckoning struct {
	Accepted  time.Time
	Limit     workday.Limit // the one that the due day comes from
	Promised  bool          // it is a promise, not only the law's
	Statutory workday.Limit
	Parts     []ReckoningPart
	Sum       workday.Days // working days from the day after acceptance up to the due day
	Whole     bool         // the limit is one of working days: limit and parts add up to Sum
	Due       time.Time
	Law       time.Time // the end of the statutory limit, zero without one

	WarnAt, YellowAt, RedAt time.Time
}

// ReckoningPart is one line of the ledger.
type ReckoningPart struct {
	Kind   string // of a pause; PartExtension, PartOther
	Reason string
	From   time.Time
	To     time.Time // zero for an open pause
	Days   workday.Days
	Event  *Event // that says who, nil where the reader may not know it
}

// The kinds of parts that are no pauses. Other is what the ledger does not
// explain: of an order the extension of a step, else a calendar that was
// announced after the decision.
const (
	PartExtension = "extension"
	PartOther     = "other"
)

// Reckon explains the due day of an accepted case; ok is false before
// acceptance, and for a case without a limit.
func (s *Service) Reckon(v *View) (r Reckoning, ok bool) {
	if v.AcceptedAt.IsZero() || v.DueAt.IsZero() || v.Item == nil || v.State == Withdrawn {
		return r, false
	}
	k, now, cal := v.Case, s.Clock.Now(), s.CalendarOf(&v.Case)
	limit := setDeadlines(cal, &k, v.Item, v.Pauses, v.Extensions, now)
	r = Reckoning{
		Accepted: v.AcceptedAt, Limit: limit, Promised: limit != v.Item.Statutory || limit == v.Item.Promised, Statutory: v.Item.Statutory,
		Whole: limit.Unit == workday.UnitWorkday, Due: v.DueAt, Law: v.StatutoryAt, WarnAt: v.WarnAt, YellowAt: v.YellowAt, RedAt: v.RedAt,
	}
	last := func(at time.Time) workday.Date { return workday.DateOf(at.Add(-time.Millisecond)) }
	r.Sum = cal.Between(workday.DateOf(v.AcceptedAt), last(v.DueAt))
	for i, n := range cal.Shares(v.AcceptedAt, now, limit, stands(v.Pauses), extras(v.Extensions)) {
		p := v.Pauses[i]
		r.Parts = append(r.Parts, ReckoningPart{Kind: p.Kind, Reason: p.Reason, From: p.From, To: p.To, Days: n, Event: v.writer(p)})
	}
	for _, e := range v.Extensions {
		r.Parts = append(r.Parts, ReckoningPart{Kind: PartExtension, Reason: e.Reason, From: e.At, Days: workday.Days(e.Days), Event: v.eventAt(e.At, time.Time{})})
	}
	if !k.DueAt.Equal(v.DueAt) {
		r.Parts = append(r.Parts, ReckoningPart{Kind: PartOther, Days: cal.Between(last(k.DueAt), last(v.DueAt))})
	}
	return r, true
}

// writer is the event that wrote a pause: at its beginning, or, for the time with
// a body that was not competent, at its end.
func (v *View) writer(p Pause) *Event {
	if p.Kind == PauseWrongBody {
		return v.eventAt(time.Time{}, p.To)
	}
	return v.eventAt(p.From, p.To)
}

// eventAt is the event that wrote a row of the ledger.
func (v *View) eventAt(from, to time.Time) *Event {
	for _, at := range []time.Time{from, to} {
		for i := range v.Events {
			e := &v.Events[i]
			switch e.Command {
			case CmdPause, CmdSendBack, CmdExtend, CmdResume, CmdTransfer, CmdEndorse, CmdReply, CmdStep:
				if planned := e.Instant("planned"); !planned.IsZero() && planned.Equal(at) { // it ended while nobody looked
					return e
				}
				if !at.IsZero() && e.At.Equal(at) && (at.Equal(from) || e.Command == CmdTransfer || e.Detail["what"] == string(StepPassedOn)) {
					return e
				}
			}
		}
	}
	return nil
}
