package app

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/events"
)

// react is the map of who reacts to whom: every subscription of one module to
// the events of another stands here and nowhere else. A reaction runs in the
// transaction of the command; what must not be able to fail it is a job.
func react(bus *events.Bus, m *Modules) {
	events.Subscribe(bus, m.Queue.VisitEnded)        // a number is served when its visit is over
	events.Subscribe(bus, m.Feedback.Invite)         // who was served is asked for a rating
	events.Subscribe(bus, m.countProofs)             // what was on file need not be brought, and counts once
	events.Subscribe(bus, m.recount)                 // a change of the calendar moves due days
	events.Subscribe(bus, m.Claims.RegisterAnswered) // who added a firm while the register did not answer is its owner now, or not
	events.Subscribe(bus, m.erased)                  // what was kept for a case alone goes with it
	events.Subscribe(bus, m.refit)                   // what is known of a firm is held against every rule anew
	events.Subscribe(bus, m.Push.Happened)           // who was told of a policy applies for it, and is granted it
	events.Subscribe(bus, m.undone)                  // a decision that is undone stops its payment; what was booked for it goes back, unless it is with the firm
	m.Cases.Register(m.Budget.Procedure())           // a subsidy is reserved and granted from its fund, or not at all
}

// undone stops the payment of a list whose case is undone, and returns what was
// booked for a case without its procedure. What a firm has been paid is not the
// fund's until it has paid it back: then the list returns it itself.
func (m *Modules) undone(ctx context.Context, e cases.Happened) error {
	if e.Event.Command != cases.CmdRevoke {
		return nil
	}
	actor := auth.Actor{Kind: auth.Kind(e.Event.ActorKind), ID: e.Event.ActorID, Name: e.Event.ActorName}
	if out, err := m.Grants.Undone(ctx, actor, string(e.Case.ID), e.Event.Reason); err != nil || out {
		return err
	}
	return m.Budget.Undone(ctx, e)
}

// countProofs enters which certificates a case was handed in with instead of
// papers, and takes that back when it was withdrawn or not accepted. Steps of an
// order are asked nothing: the order counts.
func (m *Modules) countProofs(ctx context.Context, e cases.Happened) error {
	k := &e.Case
	if k.ParentID != "" {
		return nil
	}
	if k.State == cases.Withdrawn || k.State == cases.Refused {
		return m.Certs.Uncount(ctx, string(k.ID))
	}
	if e.Event.Command != cases.CmdSubmit && e.Event.Command != cases.CmdReceive {
		return nil
	}
	list, err := m.Cases.OnFile(ctx, k)
	if err != nil || len(list) == 0 {
		return err
	}
	h := certs.Handed{
		Case: certs.CaseOf{ID: string(k.ID), Number: k.Number, Item: k.ItemName}, HolderID: k.Party.ID, AccountID: k.AccountID, ItemCode: k.ItemCode,
		DepartmentID: k.DepartmentID, Region: k.Region,
	}
	for material, c := range list {
		h.Spared = append(h.Spared, certs.Spared{Material: material, Certificate: c})
	}
	slices.SortFunc(h.Spared, func(a, b certs.Spared) int { return strings.Compare(a.Material, b.Material) })
	return m.Certs.Count(ctx, auth.SystemActor(), h)
}

// erased lets go of what was kept for a case that is erased: what was written when
// it was rated, and papers of somebody whose account is closed.
func (m *Modules) erased(ctx context.Context, e cases.Erased) error {
	if err := m.Feedback.ForgetCase(ctx, string(e.Case.ID)); err != nil {
		return err
	}
	who := []string{e.Case.AccountID}
	if e.Case.Party.Kind == identity.HolderPerson && e.Case.Party.ID != e.Case.AccountID {
		who = append(who, e.Case.Party.ID)
	}
	for _, id := range who {
		if err := m.Privacy.DropKept(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// inHands says what somebody of the staff has in hand, and who could take it over.
func (m *Modules) inHands(ctx context.Context, account string) (int, []organisation.Heir, error) {
	n, list, err := m.Cases.InHands(ctx, account)
	out := make([]organisation.Heir, len(list))
	for i, c := range list {
		out[i] = organisation.Heir{ID: c.ID, Name: c.Name, Role: c.Post.Role, Open: c.Open}
	}
	return n, out, err
}

// closed ends what somebody of the staff leaves behind whose account is closed;
// his tasks have gone to a colleague or back to their desks by then.
func (m *Modules) closed(ctx context.Context, actor auth.Actor, account string) error {
	if err := m.Cases.EndDeputies(ctx, actor, account); err != nil {
		return err
	}
	return m.Sessions.EndAll(ctx, account, "")
}

// renewal names the item that renews a certificate, where it can be asked for.
func (m *Modules) renewal(_ context.Context, code string) (i18n.Text, string, bool) {
	item, err := m.Catalogue.Item(code)
	if err != nil { // it is not on offer now
		return i18n.Text{}, "", false
	}
	return item.Name, "/items/" + item.Code, true
}

// recount leaves the counting to a job: a change of the calendar may touch very many cases.
func (m *Modules) recount(ctx context.Context, c calendar.Changed) error {
	return m.Jobs.Enqueue(ctx, cases.RecountFor(c))
}
