package cases

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// AcceptAtWindow takes a case in while the visitor waits: a draft that is
// complete is handed in and accepted in one transaction. An instant item is
// decided by the first half already.
func (s *Service) AcceptAtWindow(ctx context.Context, actor auth.Actor, ref Ref) (k Case, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if k, err = s.Find(ctx, ref.ID); err != nil {
			return err
		}
		at := ref // the whole may run twice
		if k.State == Draft || k.State == Supplementing {
			if k, err = s.Submit(ctx, actor, at); err != nil || k.State != Submitted {
				return err
			}
			at.Version = k.Version
		}
		k, err = s.Accept(ctx, actor, at)
		return err
	})
	return k, err
}

// ReceiveAndAsk takes a draft in as it is, gaps and all (收件), and tells the
// visitor at once and completely what is missing (当场一次告知, 行政许可法
// art. 32(4)). Only a notice can follow an incomplete reception, or a refusal:
// what is missing keeps the case from being accepted.
func (s *Service) ReceiveAndAsk(ctx context.Context, actor auth.Actor, ref Ref, in AskInput) (k Case, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if k, err = s.receiveAsIs(ctx, actor, ref); err != nil {
			return err
		}
		k, err = s.AskSupplement(ctx, actor, Ref{ID: k.ID, Version: k.Version}, in)
		return err
	})
	return k, err
}

// ReceiveAndRefuse takes a draft in as it is and refuses it (不予受理), so that
// the visitor goes home with reasons and rights on paper.
func (s *Service) ReceiveAndRefuse(ctx context.Context, actor auth.Actor, ref Ref, reason string) (k Case, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if k, err = s.receiveAsIs(ctx, actor, ref); err != nil {
			return err
		}
		k, err = s.Refuse(ctx, actor, Ref{ID: k.ID, Version: k.Version}, reason)
		return err
	})
	return k, err
}

// receiveAsIs registers a draft without looking for gaps. It stays unexported:
// alone it would let an incomplete case be accepted.
func (s *Service) receiveAsIs(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdReceive, "", func(ctx context.Context, w *work) error {
		if err := w.current(ctx); err != nil {
			return err
		}
		b, err := s.store.buffer(ctx, w.ID)
		if err != nil {
			return err
		}
		answers, _ := Answers(w.item, b.Typed, s.today())
		materials, err := s.materials(ctx, &w.Case, w.item, answers, nil)
		if err != nil {
			return err
		}
		if err := s.restrain(ctx, w.Party.ID, materials); err != nil {
			return err
		}
		if err := w.register(ctx); err != nil {
			return err
		}
		w.State = Submitted
		w.DataVersion++
		w.detail["data_version"] = w.DataVersion
		return s.store.insertSnapshot(ctx, w.ID, Snapshot{DataVersion: w.DataVersion, Answers: answers, Materials: materials, SubmittedAt: w.now}, actor.ID)
	})
}

// Gaps are everything that keeps a form from being handed in, as points of a
// notice: what is wrong or empty, and the papers that are not there. The
// reasons are left to who writes the notice.
func (f *Form) Gaps() []Point {
	var out []Point
	seen := map[string]bool{}
	for _, b := range f.Bad {
		if _, ok := f.Item.Field(b.Name); ok && !seen[b.Name] {
			seen[b.Name] = true
			out = append(out, Point{Kind: "field", Key: b.Name})
		}
	}
	for _, m := range f.Materials {
		if m.How == Missing {
			out = append(out, Point{Kind: "material", Key: m.Key})
		}
	}
	return out
}

// proveReceiver checks that who stands at the window may take the result: by
// the code of the receipt, or by the identity card of the person who asked or
// of somebody who acts for the firm.
func (w *work) proveReceiver(ctx context.Context, in DeliverInput) error {
	card := strings.ToUpper(strings.TrimSpace(in.IDNumber))
	if in.Pickup != "" || card == "" {
		if subtle.ConstantTimeCompare([]byte(in.Pickup), []byte(w.PickupCode)) != 1 {
			return ErrPickup.At("pickup", ErrPickup.Code)
		}
		w.detail["proof"] = "code"
		return nil
	}
	may, err := w.mayCollect(ctx)
	if err != nil {
		return err
	}
	for _, a := range may {
		if a.IDNumber != "" && subtle.ConstantTimeCompare([]byte(card), []byte(strings.ToUpper(a.IDNumber))) == 1 {
			w.detail["proof"] = "identity"
			return nil
		}
	}
	return errReceiver.At("id_number", errReceiver.Code)
}

// mayCollect are the people who may take the result without the code.
func (w *work) mayCollect(ctx context.Context) ([]identity.Account, error) {
	if w.Party.Kind == identity.HolderEnterprise {
		return w.svc.agents(ctx, &w.Case, true)
	}
	if w.AccountID == "" {
		return nil, nil
	}
	a, err := w.svc.Identity.Account(ctx, w.AccountID)
	return []identity.Account{a}, err
}
