package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// App is one running installation.
type App struct {
	*Modules
	Config   config.Config
	Log      *slog.Logger
	Texts    *i18n.Catalog
	Registry *prometheus.Registry
	Routes   []httpx.Route // every page with its need; tests walk it
	Handler  http.Handler
	Filling  *Filling // progress of filling a demonstration
	Demo     bool     // offers its accounts at the sign-in page
}

// New opens the database, brings its schema up to date and wires the modules.
// The settings must have been validated.
func New(ctx context.Context, cfg config.Config, log *slog.Logger, c clock.Clock) (*App, error) {
	d, err := db.Open(ctx, cfg.DatabaseDSN(), db.Options{Durable: cfg.Durable})
	if err != nil {
		return nil, err
	}
	a, err := Wire(ctx, cfg, log, c, d)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

// Wire is New on an open database; tests use it with a database of their own.
func Wire(ctx context.Context, cfg config.Config, log *slog.Logger, c clock.Clock, d *db.DB) (*App, error) {
	if err := Migrate(ctx, d); err != nil {
		return nil, err
	}
	texts, err := locales.Load()
	if err != nil {
		return nil, err
	}
	q, err := jobs.New(d, log)
	if err != nil {
		return nil, err
	}
	ring, err := seal.Open(ctx, keysOf(cfg), clock.System{}, d) // the present, also for an installation that lives through a past year
	if err != nil {
		return nil, err
	}
	m, err := newModules(d, c, q, texts, cfg, ring)
	if err != nil {
		return nil, err
	}
	if err := m.Keeper.SealPlain(ctx); err != nil {
		return nil, err
	}
	a := &App{Modules: m, Config: cfg, Log: log, Texts: texts, Registry: prometheus.NewRegistry(), Filling: &Filling{}}
	a.Sessions.OnSignIn = func(ctx context.Context, account string) error {
		return catalogueweb.MergeCart(ctx, a.Catalogue, a.Sessions, account)
	}
	a.workers()
	if err := a.Reload(ctx); err != nil {
		return nil, err
	}
	if a.Handler, err = a.handler(); err != nil {
		return nil, err
	}
	return a, nil
}

// Migrate brings the schema of the modules and of the job queue up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	return jobs.Migrate(ctx, d)
}

// Reload reads what the modules hold in memory.
func (a *App) Reload(ctx context.Context) error {
	if err := a.Calendar.Load(ctx); err != nil {
		return err
	}
	if err := a.Identity.Load(ctx); err != nil {
		return err
	}
	return a.Catalogue.Load(ctx)
}

type housekeepingArgs struct{}

// Kind names the job.
func (housekeepingArgs) Kind() string { return "app.housekeeping" }

type resealArgs struct{}

// Kind names the job.
func (resealArgs) Kind() string { return "app.reseal" }

type scanArgs struct{}

// Kind names the job.
func (scanArgs) Kind() string { return "app.virus_scan" }

// workers adds the jobs of the modules to the queue.
func (a *App) workers() {
	a.Dossier.Workers(a.Jobs)
	a.Certs.Workers(a.Jobs)
	a.Batches.Workers(a.Jobs)
	a.Cases.Workers(a.Jobs)
	a.Visits.Workers(a.Jobs)
	a.Queue.Workers(a.Jobs)
	a.Lists.Workers(a.Jobs)
	a.Intake.Workers(a.Jobs)
	a.Privacy.Workers(a.Jobs)
	a.Push.Workers(a.Jobs)
	a.Retention.Workers(a.Jobs)
	a.Grants.Workers(a.Jobs)
	a.Tiers.Workers(a.Jobs)
	jobs.Handle(a.Jobs, func(ctx context.Context, _ housekeepingArgs) error {
		now := a.Clock.Now()
		err := errors.Join(session.Sweep(ctx, a.DB, now), throttle.Sweep(ctx, a.DB, now), quota.Sweep(ctx, a.DB, now), a.Identity.SweepSignIns(ctx), a.Offices.RunOut(ctx), a.Matching.Forget(ctx))
		_, staged := a.Files.SweepStaged(ctx)
		_, swept := a.Files.Sweep(ctx) // last: it may take as long as a job is allowed to
		return errors.Join(err, staged, swept)
	})
	jobs.Every(a.Jobs, time.Hour, housekeepingArgs{})
	jobs.HandleFor(a.Jobs, 10*time.Minute, func(ctx context.Context, _ resealArgs) error {
		if !a.Seal.Settled().IsZero() {
			return nil // the next round does it
		}
		ctx, stop := context.WithTimeout(ctx, 5*time.Minute) // the next takes up where this one stops
		defer stop()
		_, err := a.Keeper.Reseal(ctx, nil)
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	jobs.Every(a.Jobs, 24*time.Hour, resealArgs{})
	if a.Files.Guarded() {
		jobs.Handle(a.Jobs, func(ctx context.Context, _ scanArgs) error {
			_, err := a.Files.ScanWaitingFiles(ctx)
			return err
		})
		jobs.Every(a.Jobs, 5*time.Minute, scanArgs{})
	}
}

// Close closes the database.
func (a *App) Close() error { return a.DB.Close() }

// Serve listens, works jobs off and answers until ctx ends; then it stops
// taking requests, lets those in hand and the running jobs finish, and returns.
// before runs once the site answers; jobs start when it returns.
func (a *App) Serve(ctx context.Context, before func(ctx context.Context) error) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Listen)
	if err != nil {
		return fmt.Errorf("app: listen: %w", err)
	}
	site := &http.Server{
		Handler: a.Handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 3)
	go func() { failed <- site.Serve(ln) }()
	var ops *http.Server
	if a.Config.MetricsListen != "" {
		ops = &http.Server{Addr: a.Config.MetricsListen, Handler: a.operations(), ReadHeaderTimeout: 10 * time.Second}
		go func() { failed <- ops.ListenAndServe() }()
	}
	go a.Matching.Keep(ctx)
	a.Log.InfoContext(ctx, "listening", "address", "http://"+ln.Addr().String(), "database", a.DB.Dialect())
	started := make(chan struct{})
	go func() {
		defer close(started)
		if before != nil {
			if err := before(ctx); err != nil && ctx.Err() == nil {
				failed <- err
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		if err := a.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
			failed <- err
		}
	}()
	var result error
	select {
	case <-ctx.Done():
	case result = <-failed:
	}
	a.Log.InfoContext(ctx, "stopping", "within", a.Config.StopTimeout)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.StopTimeout)
	defer cancel()
	result = errors.Join(result, site.Shutdown(stop))
	if ops != nil {
		result = errors.Join(result, ops.Shutdown(stop))
	}
	select {
	case <-started:
	case <-stop.Done():
	}
	return errors.Join(result, a.Jobs.Stop(stop))
}
