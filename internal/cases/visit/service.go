package visit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Catalogue *catalogue.Service
	Identity  *identity.Service
	Cases     *cases.Service
	Audit     *audit.Log
	Bus       *events.Bus
}

// Service is the use cases of a visit.
type Service struct {
	Deps
	store store
}

// New wires the package.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// BeginInput is who comes to the window.
type BeginInput struct {
	AccountID    string // "" when it is not known yet
	EnterpriseID string
	TicketID     string
	TicketNumber string
	CaseID       cases.ID // what he comes for, when it was found by its number; "" for none
	DeskCode     string   // that he showed, instead of account and enterprise: it is used up
}

// Begin opens a visit at the clerk's window and parks the one he had open.
// Somebody whose visit this clerk has parked gets that one again, and so does a
// ticket that was called twice.
func (s *Service) Begin(ctx context.Context, actor auth.Actor, in BeginInput) (v Visit, err error) {
	if !actor.Has(auth.Clerk) {
		return v, ErrForbidden
	}
	if in.DeskCode != "" {
		if err := s.Identity.TryDesk(ctx, actor); err != nil {
			return v, err
		}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var seen *cases.View
		if in.DeskCode != "" {
			var err error
			if in.AccountID, in.EnterpriseID, err = s.Identity.UseDesk(ctx, actor, in.DeskCode); err != nil {
				return err
			}
		}
		if in.CaseID != "" {
			var err error
			if seen, err = s.Cases.View(ctx, actor, in.CaseID); err != nil {
				return err
			}
			if in.AccountID == "" {
				in.AccountID = seen.AccountID
			}
			if seen.Party.Kind == identity.HolderEnterprise && in.EnterpriseID == "" {
				in.EnterpriseID = seen.Party.ID
			}
		}
		if err := s.actsFor(ctx, in.AccountID, in.EnterpriseID); err != nil {
			return err
		}
		if seen != nil {
			if err := s.concerns(ctx, in.AccountID, seen); err != nil {
				return err
			}
		}
		old, ok, err := s.earlier(ctx, actor, in)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		if err := s.store.park(ctx, actor.ID, now); err != nil {
			return err
		}
		if ok {
			if v, err = s.load(ctx, old.ID); err != nil {
				return err
			}
			if err := s.seat(ctx, actor, &v, now); err != nil {
				return err
			}
			if in.DeskCode != "" && v.EnterpriseID != in.EnterpriseID { // he comes for another firm now
				if v, err = s.ActFor(ctx, actor, Ref{ID: v.ID}, in.EnterpriseID); err != nil {
					return err
				}
			}
		} else {
			p := actor.PostsOf(auth.Clerk)[0]
			v = Visit{
				ID: ID(ids.New(now)), Region: p.Region, HallID: p.HallID, WindowID: p.WindowID, ClerkID: actor.ID, AccountID: in.AccountID, EnterpriseID: in.EnterpriseID,
				Items: []string{}, TicketID: in.TicketID, TicketNumber: in.TicketNumber, State: Open, BegunAt: now, Version: 1,
			}
			if err := s.store.insert(ctx, v); err != nil {
				return fmt.Errorf("visit: begin: %w", err)
			}
			if err := s.record(ctx, actor, "begin", &v, map[string]any{"account": v.AccountID, "ticket": v.TicketNumber}); err != nil {
				return err
			}
		}
		if in.CaseID != "" {
			return s.take(ctx, &v, in.CaseID, Taken)
		}
		return nil
	})
	if errors.Is(err, db.ErrDuplicate) { // begun in two tabs at once
		err = ErrStale
	}
	return v, err
}

// earlier is a visit that goes on with what is begun now.
func (s *Service) earlier(ctx context.Context, actor auth.Actor, in BeginInput) (Visit, bool, error) {
	if in.TicketID != "" {
		return s.store.find(ctx, `ticket_id=$1 AND state <> 'ended'`, in.TicketID)
	}
	if in.AccountID == "" {
		return Visit{}, false, nil
	}
	return s.store.find(ctx, `clerk_id=$1 AND account_id=$2 AND state <> 'ended' ORDER BY id DESC LIMIT 1`, actor.ID, in.AccountID)
}

// actsFor checks an authorisation as it is now.
func (s *Service) actsFor(ctx context.Context, account, enterprise string) error {
	if account == "" {
		if enterprise != "" {
			return ErrNobody
		}
		return nil
	}
	person, err := s.Identity.ActAs(ctx, account)
	if err != nil {
		return err
	}
	if enterprise != "" && !person.May(enterprise, auth.ModuleCases, "", false) {
		return ErrNoAgent.At("party", ErrNoAgent.Code)
	}
	return nil
}

// mayAsk refuses items that the visitor's authorisation is not for. It returns
// the visitor as he may act now.
func (s *Service) mayAsk(ctx context.Context, v *Visit, items ...*catalogue.Item) (auth.Actor, error) {
	person, err := s.Identity.ActAs(ctx, v.AccountID)
	if err != nil {
		return person, err
	}
	for _, item := range items {
		if err := cases.MayAsk(person, v.EnterpriseID, item); err != nil {
			return person, ErrScope.With("item", item.Name)
		}
	}
	return person, nil
}

// seat opens a visit at the window of the clerk who goes on with it.
func (s *Service) seat(ctx context.Context, actor auth.Actor, v *Visit, now time.Time) error {
	p := actor.PostsOf(auth.Clerk)[0]
	v.ClerkID, v.Region, v.HallID, v.WindowID, v.State, v.ParkedAt = actor.ID, p.Region, p.HallID, p.WindowID, Open, time.Time{}
	if err := s.store.save(ctx, v, now); err != nil {
		return err
	}
	return s.record(ctx, actor, "resume", v, nil)
}

func (s *Service) record(ctx context.Context, actor auth.Actor, what string, v *Visit, change map[string]any) error {
	return s.Audit.Record(ctx, actor, audit.Note{Action: "visit." + what, Object: "visit:" + string(v.ID), OnBehalf: v.EnterpriseID, Change: change})
}

// load reads a visit with its cases.
func (s *Service) load(ctx context.Context, id ID) (Visit, error) {
	v, ok, err := s.store.find(ctx, `id=$1`, string(id))
	if err == nil && !ok {
		err = ErrNotFound
	}
	if err != nil {
		return v, err
	}
	v.Cases, err = s.store.entries(ctx, id)
	return v, err
}

// mine says whether the actor may see a visit: his own, or one of his hall.
func mine(actor auth.Actor, v *Visit) bool {
	return actor.Has(auth.Clerk) && (v.ClerkID == actor.ID || slices.ContainsFunc(actor.PostsOf(auth.Clerk), func(p auth.Post) bool { return p.HallID != "" && p.HallID == v.HallID }))
}

// Visit returns a visit of the clerk, or of a colleague in the same hall.
func (s *Service) Visit(ctx context.Context, actor auth.Actor, id ID) (Visit, error) {
	v, err := s.load(ctx, id)
	if err == nil && !mine(actor, &v) {
		return Visit{}, ErrNotFound
	}
	return v, err
}

// Current is the clerk's open visit; ok is false when he has none.
func (s *Service) Current(ctx context.Context, actor auth.Actor) (v Visit, ok bool, err error) {
	if !actor.Has(auth.Clerk) {
		return v, false, nil
	}
	if v, ok, err = s.store.find(ctx, `clerk_id=$1 AND state='open'`, actor.ID); err != nil || !ok {
		return v, ok, err
	}
	v.Cases, err = s.store.entries(ctx, v.ID)
	return v, true, err
}

// Waiting are the visits that have not ended: the clerk's own first, then those
// parked in his hall.
func (s *Service) Waiting(ctx context.Context, actor auth.Actor) ([]Visit, error) {
	if !actor.Has(auth.Clerk) {
		return nil, ErrForbidden
	}
	hall := actor.PostsOf(auth.Clerk)[0].HallID
	return s.store.list(ctx, `state <> 'ended' AND (clerk_id=$1 OR hall_id=$2 AND hall_id <> '' AND state='parked') ORDER BY clerk_id <> $1, state <> 'open', begun_at LIMIT 50`, actor.ID, hall)
}

// Ref names a visit as the clerk saw it; Version 0 means "whatever it is now".
type Ref struct {
	ID      ID
	Version int
}

// change does one thing to a live visit that is the clerk's own; one that he
// parked is opened by it.
func (s *Service) change(ctx context.Context, actor auth.Actor, ref Ref, what string, do func(ctx context.Context, v *Visit) (map[string]any, error)) (out Visit, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		v, err := s.Visit(ctx, actor, ref.ID)
		switch {
		case err != nil:
			return err
		case v.State == Closed:
			return ErrEnded
		case v.ClerkID != actor.ID:
			return ErrForbidden
		case ref.Version != 0 && ref.Version != v.Version:
			return ErrStale
		}
		detail, err := do(ctx, &v)
		if err != nil {
			return err
		}
		if err := s.store.save(ctx, &v, s.Clock.Now()); err != nil {
			return err
		}
		if err := s.record(ctx, actor, what, &v, detail); err != nil {
			return err
		}
		out = v
		return nil
	})
	return out, err
}

// Identify says who stands at the window; who was there before must not have
// anything in hand.
func (s *Service) Identify(ctx context.Context, actor auth.Actor, ref Ref, account, enterprise string) (Visit, error) {
	return s.change(ctx, actor, ref, "identify", func(ctx context.Context, v *Visit) (map[string]any, error) {
		if v.AccountID != "" && v.AccountID != account && len(v.Cases) > 0 {
			return nil, ErrForbidden
		}
		if account == "" {
			return nil, ErrNobody
		}
		if err := s.actsFor(ctx, account, enterprise); err != nil {
			return nil, err
		}
		v.AccountID, v.EnterpriseID = account, enterprise
		return map[string]any{"account": account, "enterprise": enterprise}, nil
	})
}

// ActFor says for whom the visitor acts from here on: a firm, or "" himself.
func (s *Service) ActFor(ctx context.Context, actor auth.Actor, ref Ref, enterprise string) (Visit, error) {
	return s.change(ctx, actor, ref, "act_for", func(ctx context.Context, v *Visit) (map[string]any, error) {
		if v.AccountID == "" {
			return nil, ErrNobody
		}
		if err := s.actsFor(ctx, v.AccountID, enterprise); err != nil {
			return nil, err
		}
		v.EnterpriseID = enterprise
		return map[string]any{"enterprise": enterprise}, nil
	})
}

// Add gathers an item that the visitor wants.
func (s *Service) Add(ctx context.Context, actor auth.Actor, ref Ref, code string) (Visit, error) {
	return s.change(ctx, actor, ref, "add", func(ctx context.Context, v *Visit) (map[string]any, error) {
		if v.AccountID == "" {
			return nil, ErrNobody
		}
		item, err := s.Catalogue.Item(strings.ToUpper(strings.TrimSpace(code)))
		if err != nil {
			return nil, err
		}
		if !v.fits(item) {
			return nil, ErrItem.With("item", item.Name)
		}
		if _, err := s.mayAsk(ctx, v, item); err != nil {
			return nil, err
		}
		if len(v.Items) >= MaxItems {
			return nil, ErrTooMany.With("max", MaxItems)
		}
		if !slices.Contains(v.Items, item.Code) {
			v.Items = append(v.Items, item.Code)
		}
		return map[string]any{"item": item.Code}, nil
	})
}

// fits says whether the visitor can ask for the item at a window, as who he acts for.
func (v *Visit) fits(item *catalogue.Item) bool {
	audience := catalogue.ForPerson
	if v.EnterpriseID != "" {
		audience = catalogue.ForEnterprise
	}
	return item.Window() && item.For(audience)
}

// Drop takes an item out again.
func (s *Service) Drop(ctx context.Context, actor auth.Actor, ref Ref, code string) (Visit, error) {
	return s.change(ctx, actor, ref, "drop", func(_ context.Context, v *Visit) (map[string]any, error) {
		v.Items = slices.DeleteFunc(v.Items, func(c string) bool { return c == code })
		return map[string]any{"item": code}, nil
	})
}

// Write keeps the clerk's note.
func (s *Service) Write(ctx context.Context, actor auth.Actor, ref Ref, note string) (Visit, error) {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > 500 {
		return Visit{}, ErrLongNote.At("note", ErrLongNote.Code, "max", 500)
	}
	return s.change(ctx, actor, ref, "note", func(_ context.Context, v *Visit) (map[string]any, error) {
		v.Note = note
		return nil, nil
	})
}

// Start begins what was gathered: as one order with one form and one list of
// papers where it goes together, else each item as a case of its own. All or
// nothing. It returns the cases it began.
func (s *Service) Start(ctx context.Context, actor auth.Actor, ref Ref) (v Visit, begun []cases.ID, err error) {
	v, err = s.change(ctx, actor, ref, "start", func(ctx context.Context, v *Visit) (map[string]any, error) {
		begun = nil
		switch {
		case v.AccountID == "":
			return nil, ErrNobody
		case len(v.Items) == 0:
			return nil, ErrNoItems
		}
		wanted := make([]*catalogue.Item, len(v.Items))
		for i, code := range v.Items { // the firm may have changed since they were gathered
			item, err := s.Catalogue.Item(code)
			if err != nil {
				return nil, err
			}
			if !v.fits(item) {
				return nil, ErrItem.With("item", item.Name)
			}
			wanted[i] = item
		}
		person, err := s.mayAsk(ctx, v, wanted...)
		if err != nil {
			return nil, err
		}
		in := cases.StartInput{AccountID: v.AccountID, EnterpriseID: v.EnterpriseID}
		if s.Together(v.Items) && cases.MayAskTogether(person, v.EnterpriseID) {
			in.Cart = v.Items
			k, err := s.Cases.Start(ctx, actor, in)
			if err != nil {
				return nil, err
			}
			begun = append(begun, k.ID)
		} else {
			for _, code := range v.Items {
				in.ItemCode = code
				k, err := s.Cases.Start(ctx, actor, in)
				if err != nil {
					return nil, err
				}
				begun = append(begun, k.ID)
			}
		}
		for _, id := range begun {
			if err := s.take(ctx, v, id, Begun); err != nil {
				return nil, err
			}
		}
		detail := map[string]any{"items": v.Items, "cases": begun}
		v.Items = []string{}
		return detail, nil
	})
	return v, begun, err
}

// Together says whether items can be asked for with one form: one alone is no order.
func (s *Service) Together(codes []string) bool {
	if len(codes) < 2 {
		return false
	}
	_, err := s.Catalogue.Together(codes)
	return err == nil
}

// take writes down that a case is part of the visit.
func (s *Service) take(ctx context.Context, v *Visit, id cases.ID, part Part) error {
	if v.Has(id) {
		return nil
	}
	now := s.Clock.Now()
	if err := s.store.addCase(ctx, v.ID, id, part, now); err != nil {
		return err
	}
	v.Cases = append(v.Cases, Entry{CaseID: id, Part: part, AddedAt: now})
	return nil
}

// TakeUp brings a case that was there before into the visit: one to supplement,
// or one whose result is to be handed over. It has to be the visitor's, or of a
// firm that he acts for.
func (s *Service) TakeUp(ctx context.Context, actor auth.Actor, ref Ref, id cases.ID) (Visit, error) {
	return s.change(ctx, actor, ref, "take_up", func(ctx context.Context, v *Visit) (map[string]any, error) {
		if v.AccountID == "" {
			return nil, ErrNobody
		}
		k, err := s.Cases.View(ctx, actor, id)
		if err != nil {
			return nil, err
		}
		if err := s.concerns(ctx, v.AccountID, k); err != nil {
			return nil, err
		}
		return map[string]any{"case": id}, s.take(ctx, v, id, Taken)
	})
}

// concerns refuses a case that the visitor has nothing to do with: it would
// stand on the sheet that he takes home.
func (s *Service) concerns(ctx context.Context, account string, k *cases.View) error {
	person, err := s.Identity.ActAs(ctx, account)
	if err != nil {
		return err
	}
	if !cases.Concerns(person, &k.Case) {
		return cases.ErrNotFound
	}
	return nil
}

// Park sets a visit aside when the clerk is interrupted.
func (s *Service) Park(ctx context.Context, actor auth.Actor, ref Ref) (Visit, error) {
	return s.change(ctx, actor, ref, "park", func(_ context.Context, v *Visit) (map[string]any, error) {
		v.State, v.ParkedAt = Parked, s.Clock.Now()
		return nil, nil
	})
}

// Resume goes on with a parked visit, also one of a colleague in the same hall,
// at the window of the clerk who resumes it.
func (s *Service) Resume(ctx context.Context, actor auth.Actor, id ID) (v Visit, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if v, err = s.Visit(ctx, actor, id); err != nil {
			return err
		}
		switch {
		case v.State == Closed:
			return ErrEnded
		case v.State == Open && v.ClerkID == actor.ID:
			return nil
		case v.State == Open:
			return ErrForbidden // a colleague is serving just now
		}
		now := s.Clock.Now()
		if err := s.store.park(ctx, actor.ID, now); err != nil {
			return err
		}
		return s.seat(ctx, actor, &v, now)
	})
	return v, err
}

// End closes a visit. Drafts that came out of it stay with the clerk.
func (s *Service) End(ctx context.Context, actor auth.Actor, ref Ref) (Visit, error) {
	var out Visit
	err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
		out, err = s.change(ctx, actor, ref, "end", func(_ context.Context, v *Visit) (map[string]any, error) {
			v.State, v.EndedAt = Closed, s.Clock.Now()
			return map[string]any{"cases": v.IDs()}, nil
		})
		if err != nil {
			return err
		}
		return events.Publish(ctx, s.Bus, Ended{Visit: out, Actor: actor})
	})
	return out, err
}

// of checks that the case is part of a live visit of the clerk.
func (s *Service) of(ctx context.Context, actor auth.Actor, id ID, k cases.ID) error {
	v, err := s.Visit(ctx, actor, id)
	switch {
	case err != nil:
		return err
	case v.State == Closed:
		return ErrEnded
	case v.ClerkID != actor.ID:
		return ErrForbidden
	case !v.Has(k):
		return ErrNotFound
	}
	return nil
}

// Accept takes a case of the visit in; a draft is handed in first.
func (s *Service) Accept(ctx context.Context, actor auth.Actor, id ID, ref cases.Ref) (k cases.Case, err error) {
	if err := s.of(ctx, actor, id, ref.ID); err != nil {
		return k, err
	}
	return s.Cases.AcceptAtWindow(ctx, actor, ref)
}

// draft says whether a case of a live visit of the clerk is still one.
func (s *Service) draft(ctx context.Context, actor auth.Actor, id ID, k cases.ID) (bool, error) {
	if err := s.of(ctx, actor, id, k); err != nil {
		return false, err
	}
	found, err := s.Cases.Find(ctx, k)
	return found.State == cases.Draft, err
}

// Ask tells the visitor once and completely what a case lacks; a draft is
// received as it is first.
func (s *Service) Ask(ctx context.Context, actor auth.Actor, id ID, ref cases.Ref, in cases.AskInput) (k cases.Case, err error) {
	draft, err := s.draft(ctx, actor, id, ref.ID)
	if err != nil {
		return k, err
	}
	if draft {
		return s.Cases.ReceiveAndAsk(ctx, actor, ref, in)
	}
	return s.Cases.AskSupplement(ctx, actor, ref, in)
}

// Refuse does not accept a case of the visit.
func (s *Service) Refuse(ctx context.Context, actor auth.Actor, id ID, ref cases.Ref, reason string) (k cases.Case, err error) {
	draft, err := s.draft(ctx, actor, id, ref.ID)
	if err != nil {
		return k, err
	}
	if draft {
		return s.Cases.ReceiveAndRefuse(ctx, actor, ref, reason)
	}
	return s.Cases.Refuse(ctx, actor, ref, reason)
}

// HandOver gives the result of a case to the visitor.
func (s *Service) HandOver(ctx context.Context, actor auth.Actor, id ID, ref cases.Ref, in cases.DeliverInput) (k cases.Case, err error) {
	if err := s.of(ctx, actor, id, ref.ID); err != nil {
		return k, err
	}
	return s.Cases.Deliver(ctx, actor, ref, in)
}

// See marks a paper of a case of the visit as seen in the original, or takes the
// mark back. Answering a notice at the window, the visitor shows it likewise.
func (s *Service) See(ctx context.Context, actor auth.Actor, id ID, k cases.ID, key string, seen bool) error {
	if err := s.of(ctx, actor, id, k); err != nil {
		return err
	}
	how := cases.BySight
	if !seen {
		how = ""
	}
	return s.Cases.Mark(ctx, actor, k, key, how)
}

// SweepAge after which a visit that nobody ended is closed.
const SweepAge = 12 * time.Hour

// Sweep closes the visits that were forgotten; their drafts stay. It returns
// how many there were.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	n := 0
	old, err := s.store.list(ctx, `state <> 'ended' AND updated_at < $1 ORDER BY id LIMIT 500`, db.MS(s.Clock.Now().Add(-SweepAge)))
	if err != nil {
		return 0, fmt.Errorf("visit: sweep: %w", err)
	}
	var failed []error
	for _, v := range old {
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			now, v := s.Clock.Now(), v
			v.State, v.EndedAt = Closed, now
			if err := s.store.save(ctx, &v, now); err != nil {
				return err
			}
			return events.Publish(ctx, s.Bus, Ended{Visit: v, Actor: auth.SystemActor()})
		})
		if err != nil && !errors.Is(err, ErrStale) {
			failed = append(failed, fmt.Errorf("visit: sweep %s: %w", v.ID, err)) // it does not hold up the others
		}
		if err == nil {
			n++
		}
	}
	return n, errors.Join(failed...)
}
