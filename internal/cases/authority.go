package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// covers says whether the actor's authorisation for the firm of a case is for
// its item; write: not only to read. auth.Mandate.Covers is the rule, covered
// says the same in SQL.
func covers(a auth.Actor, k *Case, write bool) bool {
	return k.Party.Kind == identity.HolderEnterprise && a.May(k.Party.ID, auth.ModuleCases, k.ItemCode, write)
}

// covered is covers in SQL, in parts joined by OR: the firms of which the actor
// has every item, then each firm of which he has some.
func covered(args *db.Args, a auth.Actor, write bool) []string {
	whole, some := a.ItemScope(auth.ModuleCases, write)
	out := []string{"c.party_kind = 'enterprise' AND c.party_id IN " + db.In(args, whole)}
	firms := make([]string, 0, len(some))
	for f := range some {
		firms = append(firms, f)
	}
	slices.Sort(firms) // the same text for the same person, so that a plan is found again
	for _, f := range firms {
		out = append(out, "c.party_kind = 'enterprise' AND c.party_id = "+args.Add(f)+" AND c.item_code IN "+db.In(args, some[f]))
	}
	return out
}

// ownParts is own: what the person opened himself, and what was handed in for
// the firms that he acts for, as far as he does.
func ownParts(args *db.Args, a auth.Actor, _ auth.Post) []string {
	me, firms := args.Add(a.ID), covered(args, a, false)
	out := []string{"c.account_id = " + me + " AND (c.party_id = " + me + " OR " + either(firms) + ")"}
	for _, f := range firms {
		out = append(out, "c.submitted_at > 0 AND "+f)
	}
	return out
}

// MayAsk refuses an item that a person may not ask for in the name of a firm
// ("" for himself). Who asks for a bundle asks for each of its steps; what a
// cart is put together to is in nobody's list of single items.
func MayAsk(a auth.Actor, firm string, item *catalogue.Item) error {
	if firm == "" {
		return nil
	}
	if !a.ActsFor(firm) {
		return identity.ErrNotFound
	}
	for _, c := range codesOf(item) {
		if !a.May(firm, auth.ModuleCases, c, true) {
			return ErrScope
		}
	}
	return nil
}

// codesOf are the items that an authorisation must be for: the item, and each
// step of a bundle.
func codesOf(item *catalogue.Item) []string {
	codes := []string{item.Code}
	if item.Bundle != nil {
		for _, s := range item.Bundle.Steps() {
			codes = append(codes, s.Item)
		}
	}
	return codes
}

// coversAll is covers for a case with all that it is made of: who acts in an
// order acts in each of its steps.
func (s *Service) coversAll(ctx context.Context, a auth.Actor, k *Case, write bool) (bool, error) {
	if !covers(a, k, write) || !k.Bundle {
		return covers(a, k, write), nil
	}
	codes, err := s.codesIn(ctx, k)
	return err == nil && !slices.ContainsFunc(codes, func(c string) bool { return !a.May(k.Party.ID, auth.ModuleCases, c, write) }), err
}

// codesIn is codesOf the item of a case. Steps that a bundle lost since the order
// was handed in still count: they are cases of their own.
func (s *Service) codesIn(ctx context.Context, k *Case) ([]string, error) {
	if !k.Bundle {
		return []string{k.ItemCode}, nil
	}
	item, err := s.itemOf(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("cases: items of %s: %w", k.ID, err)
	}
	codes := codesOf(item)
	steps, err := s.store.steps(ctx, string(k.ID))
	if err != nil {
		return nil, fmt.Errorf("cases: items of %s: %w", k.ID, err)
	}
	for _, x := range steps {
		codes = append(codes, x.ItemCode)
	}
	return codes, nil
}

// MayAskTogether says whether a person may put items together to one order in
// the name of a firm: only who has all of them.
func MayAskTogether(a auth.Actor, firm string) bool {
	whole, _ := a.ItemScope(auth.ModuleCases, true)
	return firm == "" || slices.Contains(whole, firm)
}

// Concerns says whether a case is the person's own, or one of a firm that his
// authorisation lets him read.
func Concerns(a auth.Actor, k *Case) bool {
	return own.holds(a, auth.Post{}, k, nil) || k.Party.ID == a.ID
}

// agents are the people who act for the firm of a case and whose authorisation
// is for its item, the owner first; write: who may do something about it. Others of the firm
// learn nothing of it.
func (s *Service) agents(ctx context.Context, k *Case, write bool) ([]identity.Account, error) {
	all, err := s.Identity.Authorised(ctx, k.Party.ID, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("cases: who acts for a firm: %w", err)
	}
	codes := []string{k.ItemCode}
	if write { // who only reads an order reads of its steps what he may, each is asked for itself
		if codes, err = s.codesIn(ctx, k); err != nil {
			return nil, err
		}
	}
	var out []identity.Account
	for _, x := range all {
		if !slices.ContainsFunc(out, func(o identity.Account) bool { return o.ID == x.Account.ID }) && coveredBy(all, x.Account.ID, codes, write) {
			out = append(out, x.Account)
		}
	}
	return out, nil
}

// coveredBy says whether the authorisations of one account are together for all
// of these items.
func coveredBy(all []identity.Authorised, account string, codes []string, write bool) bool {
	return !slices.ContainsFunc(codes, func(c string) bool {
		return !slices.ContainsFunc(all, func(x identity.Authorised) bool {
			return x.Account.ID == account && x.Mandate.Covers(auth.ModuleCases, c, write)
		})
	})
}

// Followers are the people of the firm of a case who may read it.
func (s *Service) Followers(ctx context.Context, k *Case) ([]identity.Account, error) {
	return s.agents(ctx, k, false)
}

// wholeOrder refuses a command to an order to whose authorisation leaves out some
// of its steps; who declines one, or says that he may not, takes nothing on.
func (w *work) wholeOrder(ctx context.Context) error {
	if w.actor.Kind != auth.Person || !w.Bundle || w.Party.ID == w.actor.ID || w.cmd == CmdDecline {
		return nil
	}
	if ok, err := w.svc.coversAll(ctx, w.actor, &w.Case, true); err != nil || !ok {
		return cmp.Or(err, error(ErrScope))
	}
	return nil
}

// noteOrganisation puts into the event by way of which organisation a person
// acts for the firm, so that its own people see who acted and in whose service.
func (w *work) noteOrganisation(ctx context.Context) {
	if w.actor.Kind != auth.Person || w.Party.ID == w.actor.ID {
		return
	}
	m, ok := w.actor.MandateFor(w.Party.ID, auth.ModuleCases, w.ItemCode, true)
	if !ok || m.Via == "" {
		return
	}
	if e, err := w.svc.Identity.Enterprise(ctx, m.Via); err == nil {
		w.detail["via"], w.detail["mandate"] = e.Name, m.ID
	}
}
