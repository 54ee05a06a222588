package mandate

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// levels, the highest first.
var levels = []auth.Level{auth.LevelOwner, auth.LevelManager, auth.LevelAgent}

// Admit lets somebody act for a firm without limits: who was found to be its
// legal representative, or whose power of attorney was accepted. Who may act
// already gets the level if it is higher than his. The engine itself only; it
// joins the transaction of ctx.
func (s *Service) Admit(ctx context.Context, actor auth.Actor, firm, account string, level auth.Level, by string) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		had, err := s.acts(ctx, firm, account)
		if err != nil {
			return err
		}
		for _, p := range had {
			if slices.Index(levels, p.Mandate.Level) <= slices.Index(levels, level) && len(p.Mandate.Modules)+len(p.Mandate.Items) == 0 && !p.Mandate.ReadOnly && p.Mandate.Until.IsZero() {
				return nil
			}
			if err := s.end(ctx, actor, p.Mandate.ID, 0, ""); err != nil {
				return err
			}
		}
		if err := s.insert(ctx, firm, account, by, limits{level: level, since: s.Clock.Now()}); err != nil {
			return err
		}
		return s.record(ctx, actor, "admit", firm, "", map[string]any{"account": account, "level": level, "by": by})
	})
}

// Dismiss ends what somebody was let do before it was proven; an owner stays.
// The engine itself only; it joins the transaction of ctx.
func (s *Service) Dismiss(ctx context.Context, actor auth.Actor, firm, account, reason string) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		had, err := s.acts(ctx, firm, account)
		if err != nil {
			return err
		}
		for _, p := range had {
			if p.Mandate.Level == auth.LevelOwner {
				continue
			}
			if err := s.end(ctx, actor, p.Mandate.ID, 0, reason); err != nil {
				return err
			}
			if err := s.record(ctx, actor, "dismiss", firm, reason, map[string]any{"account": account, "level": p.Mandate.Level}); err != nil {
				return err
			}
		}
		return nil
	})
}

// acts are the authorisations of somebody that were not ended.
func (s *Service) acts(ctx context.Context, firm, account string) ([]Person, error) {
	return s.people(ctx, `g.enterprise_id=$1 AND g.account_id=$2 AND g.ended_at=0 AND (g.until_at=0 OR g.until_at > $3)`, firm, account, db.MS(s.Clock.Now()))
}
