package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// offered: somebody who acts for the firm is asked to go on with the case. Of a
// draft he sees what it is, not what is typed, until he takes it.
var offered = scope{
	name: "offered",
	holds: func(a auth.Actor, _ auth.Post, k *Case, _ []Task) bool {
		return k.OfferedTo == a.ID && covers(a, k, true)
	},
	where: func(args *db.Args, a auth.Actor, _ auth.Post) string {
		return "(c.offered_to <> '' AND c.offered_to = " + args.Add(a.ID) + " AND " + either(covered(args, a, true)) + ")"
	},
}

// Partners are those to whom the actor can hand a case over: who else acts for
// its firm. Somebody's own affair has none.
func (s *Service) Partners(ctx context.Context, actor auth.Actor, k *Case) ([]identity.Account, error) {
	if k.Party.Kind != identity.HolderEnterprise || !covers(actor, k, true) {
		return nil, nil
	}
	all, err := s.agents(ctx, k, true)
	return slices.DeleteFunc(all, func(a identity.Account) bool { return a.ID == k.AccountID }), err
}

// HandOver offers a case to a colleague who acts for the same firm. Nothing
// changes until he takes it; another offer replaces this one, and an empty one
// takes it back.
func (s *Service) HandOver(ctx context.Context, actor auth.Actor, ref Ref, to, note string) (Case, error) {
	return s.run(ctx, actor, ref, CmdHandOver, note, func(ctx context.Context, w *work) error {
		if !mayHandOver(actor, &w.Case) {
			return ErrForbidden
		}
		name := i18n.Text{}
		if to != "" {
			partners, err := s.Partners(ctx, actor, &w.Case)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(partners, func(a identity.Account) bool { return a.ID == to })
			if i < 0 {
				return ErrPartner.At("to", ErrPartner.Code)
			}
			name = partners[i].Name
			if err := s.tellOffer(ctx, &w.Case, partners[i], actor, note); err != nil {
				return err
			}
		} else if w.OfferedTo == "" {
			return ErrPartner.At("to", ErrPartner.Code)
		}
		w.detail["to"] = name
		return w.offer(ctx, to)
	})
}

// offer writes to whom the case is offered.
func (w *work) offer(ctx context.Context, to string) error {
	w.OfferedTo = to
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_case SET offered_to=$2 WHERE id=$1`, string(w.ID), to)
	return err
}

// mayHandOver says whether the case is in the actor's hands, and of a firm.
func mayHandOver(a auth.Actor, k *Case) bool {
	return k.AccountID == a.ID && k.Party.Kind == identity.HolderEnterprise && covers(a, k, true) && k.ParentID == ""
}

// TakeOver makes the actor the one who acts in a case that was offered to him:
// he gets the notices from now on, and a draft is his to fill in. The steps of
// an order go with it.
func (s *Service) TakeOver(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdTakeOver, "", func(ctx context.Context, w *work) error {
		if w.OfferedTo != actor.ID {
			return ErrNotOffered
		}
		from := w.AccountID
		if err := w.passTo(ctx, actor.ID); err != nil {
			return err
		}
		giver, err := s.Identity.Account(ctx, from)
		if err != nil || !s.actsIn(ctx, from, &w.Case) {
			return nil //nolint:nilerr // who has left is not told
		}
		return s.Notify.Tell(ctx, giver.Reader(), notify.News{
			Key: fmt.Sprintf("taken:%s:%d", w.ID, w.LastSeq), Kind: kindTaken, Link: "/my/cases/" + string(w.ID),
			Params: map[string]any{"item": w.ItemName, "who": s.Identity.NameOf(ctx, actor.ID)},
		})
	})
}

// passTo makes somebody the one who acts in the case and in the steps of it.
func (w *work) passTo(ctx context.Context, to string) error {
	w.detail["of"], w.detail["to"] = w.svc.Identity.NameOf(ctx, w.AccountID), w.svc.Identity.NameOf(ctx, to)
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_case SET account_id=$2 WHERE id=$1 OR parent_id=$1`, string(w.ID), to)
	if errors.Is(err, db.ErrDuplicate) { // a draft of the same item that came the same way
		return ErrTwoDrafts
	}
	if err != nil {
		return err
	}
	w.AccountID = to
	return w.offer(ctx, "")
}

// Decline refuses a case that was offered.
func (s *Service) Decline(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdDecline, reason, func(ctx context.Context, w *work) error {
		if w.OfferedTo != actor.ID {
			return ErrNotOffered
		}
		if err := w.offer(ctx, ""); err != nil {
			return err
		}
		giver, err := s.Identity.Account(ctx, w.AccountID)
		if err != nil {
			return nil //nolint:nilerr // who has left is not told
		}
		return s.Notify.Tell(ctx, giver.Reader(), notify.News{
			Key: fmt.Sprintf("declined:%s:%d", w.ID, w.LastSeq), Kind: kindDeclined, Link: "/my/cases/" + string(w.ID) + "/handover",
			Params: map[string]any{"item": w.ItemName, "who": s.Identity.NameOf(ctx, actor.ID)},
		})
	})
}

// The notices between colleagues of a firm who hand a case over.
const (
	kindOffered  = "case_offered"
	kindTaken    = "case_taken"
	kindDeclined = "case_declined"
)

func (s *Service) tellOffer(ctx context.Context, k *Case, to identity.Account, from auth.Actor, note string) error {
	return s.Notify.Tell(ctx, to.Reader(), notify.News{
		Key: fmt.Sprintf("offer:%s:%d", k.ID, k.LastSeq), Kind: kindOffered, Link: "/my/cases/" + string(k.ID) + "/handover", NeedsYou: true,
		Params: map[string]any{"item": k.ItemName, "who": s.Identity.NameOf(ctx, from.ID), "firm": k.Party.Name, "note": note},
	})
}

func (s *Service) actsIn(ctx context.Context, account string, k *Case) bool {
	a, err := s.Identity.Actor(ctx, account)
	if err != nil {
		return false
	}
	ok, err := s.coversAll(ctx, a, k, true)
	return err == nil && ok
}

// Left is somebody who acted for a firm once, with what he left behind.
type Left struct {
	Account identity.Account
	Cases   []Case // that have not ended, drafts among them
}

// LeftBehind lists the cases of a firm whose account may do nothing more about
// them: it no longer acts for the firm, or not for that item, or is closed. For
// those who lead the firm; to everybody else the firm is not found.
func (s *Service) LeftBehind(ctx context.Context, actor auth.Actor, firm string) ([]Left, error) {
	if actor.Kind != auth.Person || !actor.ActsFor(firm) {
		return nil, identity.ErrNotFound
	}
	if !actor.Leads(firm, auth.LevelOwner, auth.LevelManager) {
		return nil, identity.ErrForbidden
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE c.party_id=$1 AND c.parent_id='' AND c.account_id <> ''
		AND (c.state='draft' OR c.state IN ('submitted','supplementing','handling','decided')) AND c.party_kind='enterprise' ORDER BY c.account_id, c.id DESC`, firm)
	if err != nil {
		return nil, fmt.Errorf("cases: left behind: %w", err)
	}
	people, err := s.Identity.Authorised(ctx, firm, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("cases: left behind: %w", err)
	}
	var out []Left
	for _, k := range rows {
		codes, err := s.codesIn(ctx, &k)
		if err != nil {
			return nil, err
		}
		if coveredBy(people, k.AccountID, codes, true) {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Account.ID != k.AccountID {
			who, err := s.Identity.Account(ctx, k.AccountID)
			if err != nil {
				return nil, fmt.Errorf("cases: left behind: %w", err)
			}
			out = append(out, Left{Account: who})
		}
		out[len(out)-1].Cases = append(out[len(out)-1].Cases, k)
	}
	return out, nil
}

// Recover gives the cases of somebody who may do nothing more about them to a
// colleague, drafts among them, or to who leads the firm himself. He need not
// agree: nothing stays with a person who is gone. Each case is a transaction of
// its own; it returns how many were given, and the first that could not be is an
// error after the others were.
func (s *Service) Recover(ctx context.Context, actor auth.Actor, firm, account, to string) (int, error) {
	left, err := s.LeftBehind(ctx, actor, firm)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(left, func(l Left) bool { return l.Account.ID == account })
	if i < 0 {
		return 0, ErrNotFound
	}
	n := 0
	var failed error
	for _, k := range left[i].Cases {
		given := false
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			now, err := s.store.locked(ctx, k.ID)
			if err != nil || now.AccountID != account || now.State.Ended() {
				return err
			}
			people, err := s.agents(ctx, &now, true)
			if err != nil {
				return err
			}
			if j := slices.IndexFunc(people, func(a identity.Account) bool { return a.ID == to }); j >= 0 {
				err = s.give(ctx, actor, &now, people[j])
				given = err == nil
				return err
			}
			return ErrPartner.At("to", ErrPartner.Code)
		})
		switch {
		case err != nil && failed == nil:
			failed = err
		case err == nil && given:
			n++
		}
	}
	return n, failed
}

// give makes somebody the one who acts in a case, in the name of who leads the
// firm: the engine offers it to that one, since who left cannot.
func (s *Service) give(ctx context.Context, actor auth.Actor, k *Case, to identity.Account) error {
	if _, err := s.DB.Exec(ctx, `UPDATE cases_case SET offered_to=$2 WHERE id=$1`, string(k.ID), actor.ID); err != nil {
		return err
	}
	_, err := s.run(ctx, actor, Ref{ID: k.ID}, CmdTakeOver, "", func(ctx context.Context, w *work) error {
		if err := w.passTo(ctx, to.ID); err != nil || to.ID == actor.ID {
			return err
		}
		return s.Notify.Tell(ctx, notify.Reader{AccountID: to.ID, Locale: to.Locale, Mail: to.Email}, notify.News{
			Key: fmt.Sprintf("given:%s:%d", w.ID, w.LastSeq), Kind: "case_given", Link: "/my/cases/" + string(w.ID) + map[bool]string{true: "/form"}[w.State == Draft], NeedsYou: true,
			Params: map[string]any{"item": w.ItemName, "who": s.Identity.NameOf(ctx, actor.ID), "of": w.detail["of"], "firm": w.Party.Name},
		})
	})
	return err
}
