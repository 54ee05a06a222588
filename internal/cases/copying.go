package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
)

// FromFormer is the source of a value that was taken from a former case.
const FromFormer = "copied."

// Copy opens a draft of the same item for the same applicant with the answers
// of a former case, as far as the form still asks for them: fields keep their
// ids from version to version. What is known better by now (the firm's file)
// goes before. Papers are not copied: those that still count are offered by
// themselves, and the rest is of another day. again says that a draft was there
// already, which is left as it is.
func (s *Service) Copy(ctx context.Context, actor auth.Actor, id ID) (k Case, again bool, err error) {
	v, err := s.View(ctx, actor, id)
	if err != nil {
		return Case{}, false, err
	}
	if !Copyable(&v.Case) {
		return Case{}, false, ErrState.With("command", "copy").With("state", string(v.State))
	}
	in := StartInput{ItemCode: v.ItemCode}
	if v.Party.Kind == identity.HolderEnterprise {
		in.EnterpriseID = v.Party.ID
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if k, again, err = s.begin(ctx, actor, in); err != nil || again {
			return err
		}
		item, err := s.itemOf(ctx, &k)
		if err != nil {
			return err
		}
		b, err := s.store.buffer(ctx, k.ID)
		if err != nil {
			return err
		}
		takeFormer(item, &b, FromAnswers(v.Answers), v.Number, s.today())
		if err := s.store.saveBuffer(ctx, k.ID, b, actor.ID, s.Clock.Now()); err != nil {
			return err
		}
		k.CopiedFrom = v.ID
		_, err = s.DB.Exec(ctx, `UPDATE cases_case SET copied_from=$2 WHERE id=$1`, string(k.ID), string(v.ID))
		return err
	})
	if errors.Is(err, catalogue.ErrNotFound) {
		err = ErrChannel // not offered any more
	}
	if err != nil {
		return Case{}, false, fmt.Errorf("cases: copy %s: %w", id, err)
	}
	return k, again, nil
}

// Copyable says whether a case can be asked for anew with its answers: it was
// handed in, not awarded, and is neither a step nor an order from a cart.
func Copyable(k *Case) bool {
	return handedIn(k) && k.Channel != ByAward && k.ParentID == "" && !catalogue.Reserved(k.ItemCode)
}

// takeFormer fills in what a former case answered, where nothing is known yet
// and the form still takes it.
func takeFormer(item *catalogue.Item, b *Buffer, former Typed, number, today string) {
	known := KeepKnown(item, map[string][]string(former))
	_, bad := Answers(item, known, today)
	for id, values := range known {
		if len(b.Typed[id]) > 0 && b.Prefill[id] != "" {
			continue
		}
		if slices.ContainsFunc(bad, func(f errs.Field) bool { return f.Name == id }) {
			continue // an option that is gone, a bound that has moved
		}
		b.Typed[id], b.Prefill[id] = values, FromFormer+number
	}
}
