package app

import (
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/session"
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
	out = append(out, session.SealedColumns()...)
	out = append(out, m.Grants.SealedColumns()...)
	return append(out, m.Cases.SealedColumns()...)
}
