package app

import (
	"context"
	"errors"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
)

// keysOf says where the settings have the keys.
func keysOf(cfg config.Config) seal.Source {
	return seal.Source{File: cfg.KeyFile(), Text: cfg.KeyRing, Suite: cfg.Crypto}
}

// sealedColumns are those of all modules.
func (m *Modules) sealedColumns() []seal.Column {
	var out []seal.Column
	out = append(out, m.Identity.SealedColumns()...)
	out = append(out, m.Factor.SealedColumns()...)
	out = append(out, notify.SealedColumns()...)
	return append(out, m.Cases.SealedColumns()...)
}

// personalOf is the case whose people somebody wants to see whole: one that he
// may see, and of an order more than its ladder.
func (m *Modules) personalOf(ctx context.Context, actor auth.Actor, id string) (privacy.Case, error) {
	v, err := m.Cases.View(ctx, actor, cases.ID(id))
	if errors.Is(err, cases.ErrNotFound) {
		return privacy.Case{}, privacy.ErrNotFound
	}
	if err != nil {
		return privacy.Case{}, err
	}
	out := privacy.Case{Number: v.Number, AccountID: v.AccountID}
	if v.Party.Kind == identity.HolderPerson {
		out.PersonID = v.Party.ID
	}
	return out, nil
}
