package app

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/platform/events"
)

// react is the map of who reacts to whom: every subscription of one module to
// the events of another stands here and nowhere else. A reaction runs in the
// transaction of the command; what must not be able to fail it is a job.
func react(bus *events.Bus, m *Modules) {
	events.Subscribe(bus, m.Queue.VisitEnded) // a number is served when its visit is over
	events.Subscribe(bus, m.Feedback.Invite)  // who was served is asked for a rating
	events.Subscribe(bus, m.recount)          // a change of the calendar moves due days
	m.Cases.Register(m.Budget.Procedure())    // a subsidy is reserved and granted from its fund, or not at all
}

// recount leaves the counting to a job: a change of the calendar may touch very many cases.
func (m *Modules) recount(ctx context.Context, c calendar.Changed) error {
	return m.Jobs.Enqueue(ctx, cases.RecountFor(c))
}
