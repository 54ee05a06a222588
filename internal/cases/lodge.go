package cases

import (
	"context"
	"errors"
	"net/url"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// LodgeInput is a case that a program files in one go.
type LodgeInput struct {
	StartInput
	Answers map[string]any // as JSON gives them
	Collect Collect        // "" as usual
	Submit  bool
}

// Lodge opens a draft, keeps its answers and, when asked to, submits it, all or
// nothing: what cannot be submitted leaves no draft and does not use up its key
// either. again says that the key is known; then the case is given as it is now.
func (s *Service) Lodge(ctx context.Context, actor auth.Actor, in LodgeInput) (k Case, again bool, err error) {
	for range 2 {
		k, again, err = s.lodge(ctx, actor, in)
		if in.Idempotency == "" || !errors.Is(err, db.ErrDuplicate) {
			break // else the same key came twice at the same moment: the other one's case is there now
		}
	}
	return k, again, err
}

func (s *Service) lodge(ctx context.Context, actor auth.Actor, in LodgeInput) (k Case, again bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if in.Idempotency != "" {
			if k, again, err = s.again(ctx, actor, in.Idempotency); err != nil || again {
				return err
			}
		}
		// A second call with the key may have committed since we looked.
		if k, again, err = s.begin(ctx, actor, in.StartInput); err != nil || again && in.Idempotency != "" {
			return err
		}
		again = false
		if k, err = s.saveAnswers(ctx, actor, k.ID, in.Answers, in.Collect); err != nil || !in.Submit {
			return err
		}
		k, err = s.Submit(ctx, actor, Ref{ID: k.ID})
		return err
	})
	return k, again, err
}

// SaveAnswers replaces the answers of a case that may be edited now, whoever
// saved before; a program has no page that could be stale.
func (s *Service) SaveAnswers(ctx context.Context, actor auth.Actor, id ID, answers map[string]any, collect Collect) (k Case, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		k, err = s.saveAnswers(ctx, actor, id, answers, collect)
		return err
	})
	return k, err
}

func (s *Service) saveAnswers(ctx context.Context, actor auth.Actor, id ID, answers map[string]any, collect Collect) (Case, error) {
	if _, err := s.store.locked(ctx, id); err != nil {
		return Case{}, err
	}
	if _, _, err := s.editable(ctx, actor, id); err != nil {
		return Case{}, err
	}
	b, err := s.store.buffer(ctx, id)
	if err != nil {
		return Case{}, err
	}
	posted := url.Values(FromAnswers(answers))
	posted.Del("collect")
	if collect != "" {
		posted.Set("collect", string(collect))
	}
	if _, err := s.SaveTyped(ctx, actor, id, b.Rev, posted); err != nil {
		return Case{}, err
	}
	return s.store.find(ctx, `c.id=$1`, string(id))
}
