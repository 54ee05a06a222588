// Package apptest builds the whole application on a database of its own,
// filled with the demonstration zone, under a clock that stands still.
//
//	a := apptest.New(t)            // Monday 2 March 2026, 09:00 in China
//	c := a.As(t, "clerk")          // a browser without script, signed in
//	c.Get("/work")
package apptest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// Start is where the clock of a new App stands: Monday 2 March 2026, 09:00 in China.
var Start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// App is the application under test.
type App struct {
	*app.App
	Clock *clock.Moved
	dir   string
}

// Again is the application as it stands after a restart of the process: the same
// database and files, everything else made anew.
func (a *App) Again(t testing.TB) *App {
	t.Helper()
	n, err := app.Wire(context.Background(), settings(t, a.dir), dbtest.Quiet(), a.Clock, a.DB)
	if err != nil {
		t.Fatalf("apptest: again: %v", err)
	}
	return &App{App: n, Clock: a.Clock, dir: a.dir}
}

var template struct {
	once  sync.Once
	bytes []byte
	err   error
}

// New builds the application on SQLite with the demonstration zone, no history.
func New(t testing.TB) *App {
	t.Helper()
	return Changed(t)
}

// Changed is New with other settings.
func Changed(t testing.TB, change ...func(*config.Config)) *App {
	t.Helper()
	template.once.Do(makeTemplate)
	if template.err != nil {
		t.Fatalf("apptest: %v", template.err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "tongban.db")
	if err := os.WriteFile(file, template.bytes, 0o600); err != nil {
		t.Fatalf("apptest: %v", err)
	}
	d, err := db.Open(context.Background(), file, db.Options{MaxConns: 4})
	if err != nil {
		t.Fatalf("apptest: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return wire(t, d, dir, change...)
}

// NewOn builds the application on a migrated database of dbtest and fills in the zone.
func NewOn(t testing.TB, d *db.DB) *App {
	t.Helper()
	a := wire(t, d, t.TempDir())
	z, err := demo.Load()
	if err != nil {
		t.Fatalf("apptest: %v", err)
	}
	if err := a.SeedZone(context.Background(), z); err != nil {
		t.Fatalf("apptest: %v", err)
	}
	return a
}

// Reaching is NewOn for what leaves the house: mails and short messages stay in
// the outbox of the application.
func Reaching(t testing.TB, d *db.DB) *App {
	t.Helper()
	a := wire(t, d, t.TempDir(), func(c *config.Config) { c.SMTP, c.SMS = config.Memory, config.Memory })
	z, err := demo.Load()
	if err == nil {
		err = a.SeedZone(context.Background(), z)
	}
	if err != nil {
		t.Fatalf("apptest: %v", err)
	}
	return a
}

func wire(t testing.TB, d *db.DB, dir string, change ...func(*config.Config)) *App {
	t.Helper()
	c, cfg := clock.At(Start), settings(t, dir)
	for _, f := range change {
		f(&cfg)
	}
	a, err := app.Wire(context.Background(), cfg, dbtest.Quiet(), c, d)
	if err != nil {
		t.Fatalf("apptest: %v", err)
	}
	return &App{App: a, Clock: c, dir: dir}
}

func settings(t testing.TB, dir string) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.BaseURL, cfg.KeyRing = dir, "http://tongban.test", sealtest.Text()
	cfg.DayFiles, cfg.DayMB, cfg.DayMessages, cfg.DayDrafts = 0, 0, 0, 0 // a test does in a second what people do in a year
	if err := cfg.Validate(); err != nil {
		t.Fatalf("apptest: %v", err)
	}
	return cfg
}

func makeTemplate() {
	template.err = func() error {
		dir, err := os.MkdirTemp("", "tongban-apptest")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		cfg := config.Default()
		cfg.Data, cfg.KeyRing = dir, sealtest.Text()
		if err := cfg.Validate(); err != nil {
			return err
		}
		ctx := context.Background()
		a, err := app.New(ctx, cfg, dbtest.Quiet(), clock.At(Start))
		if err != nil {
			return err
		}
		z, err := demo.Load()
		if err != nil {
			return err
		}
		if err := a.SeedZone(ctx, z); err != nil {
			return err
		}
		copied := filepath.Join(dir, "copy.db")
		if err := a.DB.Backup(ctx, copied); err != nil {
			return err
		}
		if err := a.Close(); err != nil {
			return err
		}
		template.bytes, err = os.ReadFile(copied)
		return err
	}()
}

// Actor returns the actor behind a login of the demonstration.
func (a *App) Actor(t testing.TB, login string) auth.Actor {
	t.Helper()
	acc, err := a.Identity.AccountByLogin(context.Background(), login)
	if err != nil {
		t.Fatalf("apptest: %s: %v", login, err)
	}
	actor, err := a.App.ActorOf(context.Background(), acc.ID)
	if err != nil {
		t.Fatalf("apptest: %s: %v", login, err)
	}
	return actor
}

// As returns a browser without script that is signed in under a login of the
// demonstration; "" is a visitor.
func (a *App) As(t testing.TB, login string) *webtest.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /-/sign-in", a.Sessions.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		acc, err := a.Identity.AccountByLogin(r.Context(), r.FormValue("login"))
		if err == nil {
			err = a.Sessions.SignIn(r.Context(), acc.ID)
		}
		if err != nil {
			t.Errorf("apptest: sign in %s: %v", login, err)
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	mux.Handle("/", a.Handler)
	c := webtest.New(t, mux)
	if login != "" {
		c.Get("/-/sign-in?login=" + url.QueryEscape(login))
	}
	return c
}

// Draft opens a draft of an item for a person, for the first firm that he acts
// for if there is one, and fills it in to the last paper.
func (a *App) Draft(t testing.TB, login, item string) cases.Case {
	t.Helper()
	ctx, who := context.Background(), a.Actor(t, login)
	in := cases.StartInput{ItemCode: item}
	if len(who.Firms) > 0 {
		in.EnterpriseID = who.Firms[0]
	}
	k, err := a.Cases.Start(ctx, who, in)
	if err != nil {
		t.Fatalf("apptest: start %s: %v", item, err)
	}
	a.Fill(t, who, k.ID)
	return k
}

// Fill types samples into the form of a case and hands in what is missing.
func (a *App) Fill(t testing.TB, who auth.Actor, id cases.ID) {
	t.Helper()
	ctx := context.Background()
	if err := errors.Join(a.Cases.TypeSample(ctx, who, id, 7, nil), a.Cases.AttachSample(ctx, who, id)); err != nil {
		t.Fatalf("apptest: fill in: %v", err)
	}
}

// Submitted is a case that a person has handed in online.
func (a *App) Submitted(t testing.TB, login, item string) cases.Case {
	t.Helper()
	k := a.Draft(t, login, item)
	k, err := a.Cases.Submit(context.Background(), a.Actor(t, login), cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatalf("apptest: submit %s: %v", item, err)
	}
	return k
}

// Renew publishes a changed version of an item, with the two people that it takes.
func (a *App) Renew(t testing.TB, code string, change func(d *catalogue.Definition)) {
	t.Helper()
	ctx, keeper := context.Background(), a.Actor(t, "catalogue-admin")
	_, list, err := a.Catalogue.History(ctx, keeper, code)
	if err != nil || len(list) == 0 {
		t.Fatalf("apptest: renew %s: %v", code, err)
	}
	d := list[0].Definition // read for this call only: nobody else holds it
	change(&d)
	draft, err := a.Catalogue.SaveDraft(ctx, keeper, d, 0)
	if err == nil {
		err = a.Catalogue.Publish(ctx, a.Actor(t, "catalogue-admin2"), code, draft.Version)
	}
	if err != nil {
		t.Fatalf("apptest: renew %s: %v", code, err)
	}
}
