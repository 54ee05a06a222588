package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
)

// DemoLogin is an account that the demonstration offers to try.
type DemoLogin struct{ Login, Role string }

// DemoLogins are the accounts that a newcomer should try, one for each kind of user.
var DemoLogins = []DemoLogin{
	{"applicant", "applicant"},
	{"clerk", "clerk"},
	{"clerk2", "clerk"},
	{"handler-kj", "handler"},
	{"approver", "approver"},
	{"commissioner", "commissioner"},
	{"leader", "leader"},
	{"catalogue-admin", "catalogue_admin"},
	{"system-admin", "system_admin"},
	{"audit-admin", "audit_admin"},
	{"security-admin2", "security_admin"}, // with a second factor
}

func demoLogins() []string {
	out := make([]string, len(DemoLogins))
	for i, l := range DemoLogins {
		out[i] = l.Login
	}
	return out
}

// demoCode is the code that the app of an account of a demonstration shows now;
// nil elsewhere. The secret is the one in demo/zone/staff.yaml.
func (a *App) demoCode() func(account string) string {
	if !a.Demo {
		return nil
	}
	secrets := sync.OnceValue(func() map[string]string {
		out := map[string]string{}
		z, err := demo.Load()
		for _, s := range z.Staff {
			if err == nil && s.AppSecret != "" {
				out[s.Login] = s.AppSecret
			}
		}
		return out
	})
	return func(account string) string {
		acc, err := a.Identity.Account(context.Background(), account)
		if err != nil || secrets()[acc.Login] == "" {
			return ""
		}
		code, err := factor.CodeAt(secrets()[acc.Login], a.Clock.Now())
		if err != nil {
			return ""
		}
		return code
	}
}

// NewDemo is New for a demonstration: an empty database is filled with the
// zone at once (the history follows in FillHistory, while the site answers).
// A database that holds anything else is refused.
func NewDemo(ctx context.Context, cfg config.Config, log *slog.Logger, c clock.Clock) (*App, error) {
	if cfg.SMTP == "" {
		cfg.SMTP = config.Memory
	}
	if cfg.SMS == "" {
		cfg.SMS = config.Memory
	}
	if cfg.RegisterURL == "" {
		cfg.RegisterURL = config.Memory
	}
	a, err := New(ctx, cfg, log, c)
	if err != nil {
		return nil, err
	}
	a.Demo = true
	if a.Handler, err = a.handler(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.seedOnce(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) seedOnce(ctx context.Context) error {
	state, err := a.setting(ctx, "demo.zone")
	if err != nil {
		return err
	}
	if state != "" {
		z, err := demo.Load()
		a.FillRegister(z) // it lives in memory only
		return err
	}
	if len(a.Identity.Directory().Regions) > 0 {
		return errors.New("app: this database holds an installation that is no demonstration; choose another --data folder")
	}
	z, err := demo.Load()
	if err != nil {
		return err
	}
	if err := a.SeedZone(ctx, z); err != nil {
		return err
	}
	if err := a.SampleQueues(ctx, z); err != nil {
		return err
	}
	if err := a.sampleSheets(ctx, z); err != nil {
		return err
	}
	if err := a.SampleMatters(ctx, z); err != nil {
		return err
	}
	return a.set(ctx, "demo.zone", "filled")
}

func (m *Modules) setting(ctx context.Context, key string) (string, error) {
	v, _, err := db.Maybe(ctx, m.DB.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key=$1`, key)
	if err != nil {
		return "", fmt.Errorf("app: setting %s: %w", key, err)
	}
	return v, nil
}

func (m *Modules) set(ctx context.Context, key, value string) error {
	return m.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := m.DB.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}

// Welcome is what the demonstration prints at its start.
func (a *App) Welcome() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  Tongban (通办) demonstration: %s\n  data in %s\n\n  Sign in with password %s as\n", a.Config.BaseURL, a.Config.Data, DemoPassword)
	for _, l := range DemoLogins {
		fmt.Fprintf(&b, "    %-16s %s\n", l.Login, a.Texts.Text(i18n.Chinese, "role."+l.Role)+" · "+a.Texts.Text(i18n.English, "role."+l.Role))
	}
	b.WriteString("\n")
	return b.String()
}
