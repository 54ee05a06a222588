package cases

import (
	"context"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Hold keeps a case from being decided for a reason that lies with whom it is
// for: the firm was opened unverified, or nobody has proven yet that who filed
// it may act for it. Everything up to the decision goes on.
type Hold struct {
	Staff     string // locale key: why, for whoever works on the case
	Applicant string // locale key: the same, for the applicant
	Grants    bool   // only what grants is held: it may be refused
}

// Holds asks whether a decision about a party and who filed for it is held; nil
// for no. The applicant of the case and its party are all that it looks at.
type Holds func(ctx context.Context, party identity.Party, account string) (*Hold, error)

// HoldOf says why a case cannot be decided now; nil when it can, or is.
func (s *Service) HoldOf(ctx context.Context, k *Case) (*Hold, error) {
	if s.Holds == nil || k.Party.Kind != identity.HolderEnterprise || k.State == Draft || !k.DecidedAt.IsZero() || k.State.Ended() {
		return nil, nil
	}
	return s.Holds(ctx, k.Party, k.AccountID)
}

// held refuses a decision that somebody, or the engine for somebody, is about to
// take. What the law decides by itself is not held: a renewal and an acceptance
// by silence come whether or not a register answers.
func (w *work) held(ctx context.Context, o Outcome) error {
	h, err := w.svc.HoldOf(ctx, &w.Case)
	if err != nil || h == nil || h.Grants && !o.Grants() {
		return err
	}
	return ErrHeld.With("why", i18n.Sentence{Key: h.Staff})
}

// mayDecide asks whether the engine may grant by itself, before it does.
func (w *work) mayDecide(ctx context.Context) error {
	if err := w.held(ctx, Granted); err != nil {
		return err
	}
	return w.before(ctx, CmdDecide, Granted)
}
