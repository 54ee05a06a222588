package budget

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Booking is money of a fund for something that no command on a case books: a
// list of grants is reserved as a whole, and granted firm by firm out of that.
// Who may book is the business of the caller, whose transaction it joins.
type Booking struct {
	Fund       string    // its key
	Key        string    // what it is for, such as "list:<id>" or "grant:<line id>"; never again for another sum
	From       string    // of a grant: the key of the reservation that it is paid out of, "" for none
	CaseID     string    // the case of it, "" for none
	CaseNumber string    // of that case
	Party      i18n.Text // who gets it, for the ledger
	Amount     money.Fen // more than nothing
	Reason     string    // for the ledger, at most 300 characters
}

func (b *Booking) check() error {
	b.Reason = strings.TrimSpace(b.Reason)
	switch {
	case b.Key == "" || b.Amount <= 0 || b.From == b.Key:
		return fmt.Errorf("budget: booking %q of %d fen: %w", b.Key, int64(b.Amount), ErrInvalid)
	case b.Reason == "" || utf8.RuneCountInString(b.Reason) > 300:
		return ErrInvalid.At("reason", errReason.Code)
	}
	return nil
}

// Reserve sets a sum aside. Done again with the same key, fund and sum it does
// nothing; with others, or after the release, it is ErrBooked. A closed fund is
// ErrClosed, one with less left ErrExhausted, an unknown one ErrNotFound.
func (s *Service) Reserve(ctx context.Context, actor auth.Actor, b Booking) error {
	return s.booking(ctx, actor, b, EntryReserve, EntryRelease, func(ctx context.Context, f Fund) error {
		return s.move(ctx, actor, b, f, b.Amount, 0)
	})
}

// Grant books what is granted. Named a reservation, it is paid out of that as far
// as it goes, and for the rest out of what is left in the fund. Done again with
// the same key, fund and sum it does nothing; with others, after the return, or
// for a case that has a grant already, it is ErrBooked. Closed and exhausted
// funds are refused as by Reserve, also when the sum was reserved before.
func (s *Service) Grant(ctx context.Context, actor auth.Actor, b Booking) error {
	return s.booking(ctx, actor, b, EntryGrant, EntryReturn, func(ctx context.Context, f Fund) error {
		if b.CaseID != "" {
			of, err := s.store.ofCase(ctx, b.CaseID)
			if err != nil {
				return err
			}
			if _, twice := of[EntryGrant]; twice {
				return ErrBooked.With("key", b.Key)
			}
		}
		paid := money.Fen(0)
		if b.From != "" {
			r, err := s.reservation(ctx, b.From)
			if err != nil {
				return err
			}
			if r.fund == "" {
				return ErrUnbooked.With("key", b.From)
			}
			if r.fund != f.ID {
				return fmt.Errorf("budget: %s is paid out of %s, which another fund holds: %w", b.Key, b.From, ErrInvalid)
			}
			paid = min(b.Amount, r.held)
		}
		if err := s.move(ctx, actor, b, f, -paid, b.Amount); err != nil || paid == 0 {
			return err
		}
		e := s.entryOf(actor, b, f, EntryRelease, paid)
		e.Source = b.From
		return s.store.enter(ctx, e)
	})
}

// Release gives back what is left of a reservation, and says how much that was:
// nothing when it was released, or used up, before. A key under which nothing was
// reserved is ErrUnbooked.
func (s *Service) Release(ctx context.Context, actor auth.Actor, key, reason string) (money.Fen, error) {
	var out money.Fen
	err := s.undo(ctx, actor, key, reason, EntryReserve, func(ctx context.Context, f Fund, b Booking) error {
		r, err := s.reservation(ctx, key)
		if err != nil || r.held == 0 {
			return err
		}
		out, b.Amount = r.held, r.held
		return s.back(ctx, actor, b, f, EntryRelease, r.held, 0)
	})
	return out, err
}

// Return takes a grant back into its fund, and says how much that was: nothing
// when it was taken back before. A key under which nothing was granted is ErrUnbooked.
func (s *Service) Return(ctx context.Context, actor auth.Actor, key, reason string) (money.Fen, error) {
	var out money.Fen
	err := s.undo(ctx, actor, key, reason, EntryGrant, func(ctx context.Context, f Fund, b Booking) error {
		of, err := s.store.ofKey(ctx, key)
		if err != nil {
			return err
		}
		if _, again := of[EntryReturn]; again {
			return nil
		}
		out = b.Amount
		return s.back(ctx, actor, b, f, EntryReturn, 0, b.Amount)
	})
	return out, err
}

// Held is what is left of a reservation; nothing for a key that is not known.
func (s *Service) Held(ctx context.Context, key string) (money.Fen, error) {
	r, err := s.reservation(ctx, key)
	return r.held, err
}

// Undone returns what was booked for a case whose decision is undone, whoever
// undoes it. What a procedure booked, the procedure returns.
func (s *Service) Undone(ctx context.Context, e cases.Happened) error {
	if e.Event.Command != cases.CmdRevoke {
		return nil
	}
	of, err := s.store.ofCase(ctx, string(e.Case.ID))
	if err != nil {
		return err
	}
	g, ok := of[EntryGrant]
	if !ok || g.Key == "" {
		return nil
	}
	reason := []rune(e.Event.Reason)
	_, err = s.Return(ctx, auth.Actor{Kind: auth.Kind(e.Event.ActorKind), ID: e.Event.ActorID, Name: e.Event.ActorName}, g.Key, string(reason[:min(len(reason), 300)]))
	return err
}

// booking does one booking in the transaction of the caller, with the fund held.
func (s *Service) booking(ctx context.Context, actor auth.Actor, b Booking, kind, undone EntryKind, do func(ctx context.Context, f Fund) error) error {
	if err := b.check(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.store.locked(ctx, `key=$1`, b.Fund)
		if err != nil {
			return fmt.Errorf("budget: fund %s for %s: %w", b.Fund, b.Key, err)
		}
		of, err := s.store.ofKey(ctx, b.Key)
		if err != nil {
			return err
		}
		if was, again := of[kind]; again {
			_, over := of[undone]
			if over || was.FundID != f.ID || was.Amount != b.Amount || was.CaseID != b.CaseID {
				return ErrBooked.With("key", b.Key)
			}
			return nil
		}
		if f.Closed {
			return ErrClosed.With("fund", f.Name)
		}
		if err := do(ctx, f); err != nil {
			return err
		}
		if err := s.store.enter(ctx, s.entryOf(actor, b, f, kind, b.Amount)); err != nil {
			return err
		}
		return s.note(ctx, actor, b, f, kind)
	})
}

// move changes the sums of a fund for a booking.
func (s *Service) move(ctx context.Context, actor auth.Actor, b Booking, f Fund, reserved, granted money.Fen) error {
	ok, err := s.store.book(ctx, f.ID, reserved, granted, s.Clock.Now())
	if err != nil {
		return fmt.Errorf("budget: %s by %s: %w", b.Key, actor.ID, err)
	}
	if !ok {
		return ErrExhausted.With("fund", f.Name).With("left", (f.Left()-min(reserved, 0)).String()).With("asked", b.Amount.String())
	}
	return nil
}

// undo finds what was booked under a key and holds its fund.
func (s *Service) undo(ctx context.Context, actor auth.Actor, key, reason string, kind EntryKind, do func(ctx context.Context, f Fund, b Booking) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		of, err := s.store.ofKey(ctx, key)
		if err != nil {
			return err
		}
		was, ok := of[kind]
		if !ok {
			return ErrUnbooked.With("key", key)
		}
		b := Booking{Key: key, CaseID: was.CaseID, CaseNumber: was.CaseNumber, Party: was.PartyName, Amount: was.Amount, Reason: reason}
		if err := b.check(); err != nil {
			return err
		}
		f, err := s.store.locked(ctx, `id=$1`, was.FundID)
		if err != nil {
			return err
		}
		return do(ctx, f, b)
	})
}

// back lowers the sums of the fund and enters it.
func (s *Service) back(ctx context.Context, actor auth.Actor, b Booking, f Fund, kind EntryKind, reserved, granted money.Fen) error {
	ok, err := s.store.book(ctx, f.ID, -reserved, -granted, s.Clock.Now())
	if err == nil && !ok {
		err = fmt.Errorf("budget: %s of %s is more than the fund holds", kind, b.Key)
	}
	if err != nil {
		return err
	}
	if err := s.store.enter(ctx, s.entryOf(actor, b, f, kind, b.Amount)); err != nil {
		return err
	}
	return s.note(ctx, actor, b, f, kind)
}

func (s *Service) entryOf(actor auth.Actor, b Booking, f Fund, kind EntryKind, fen money.Fen) Entry {
	return Entry{
		FundID: f.ID, Kind: kind, Key: b.Key, CaseID: b.CaseID, CaseNumber: b.CaseNumber, PartyName: b.Party,
		Amount: fen, ByID: actor.ID, ByName: actor.Name, Reason: b.Reason, At: s.Clock.Now(),
	}
}

func (s *Service) note(ctx context.Context, actor auth.Actor, b Booking, f Fund, kind EntryKind) error {
	action := "budget.reserve"
	switch kind {
	case EntryRelease:
		action = "budget.release"
	case EntryGrant:
		action = "budget.grant"
	case EntryReturn:
		action = "budget.return"
	}
	return s.Audit.Record(ctx, actor, audit.Note{
		Action: action, Object: "fund:" + f.Key, Reason: b.Reason,
		Change: map[string]any{"key": b.Key, "from": b.From, "case": b.CaseID, "fen": int64(b.Amount)},
	})
}

// held is what a reservation still holds, and of which fund.
type held struct {
	fund string
	held money.Fen
}

// reservation adds up what was reserved under a key and what was drawn on it.
func (s *Service) reservation(ctx context.Context, key string) (held, error) {
	list, err := s.store.entries(ctx, `key=$1 AND kind IN ('reserve','release') AND source='' OR source=$1`, key)
	var r held
	for _, e := range list {
		switch {
		case e.Kind == EntryReserve:
			r.fund, r.held = e.FundID, r.held+e.Amount
		case e.Kind == EntryRelease:
			r.held -= e.Amount
		}
	}
	return r, err
}
