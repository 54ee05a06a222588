package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tongban/tongban/internal/platform/db"
)

// Args is the payload of a job; Kind names it for ever.
type Args interface{ Kind() string }

// Queue takes jobs in and, once started, works them off.
type Queue struct {
	db       *db.DB
	log      *slog.Logger
	workers  *river.Workers
	periodic []*river.PeriodicJob
	insert   *river.Client[*sql.Tx] // only inserts; exists from the start
	work     *river.Client[*sql.Tx] // nil until Start
}

// New returns a queue on the database, whose tables Migrate has made.
func New(d *db.DB, log *slog.Logger) (*Queue, error) {
	c, err := river.NewClient(driver(d), &river.Config{Logger: quiet(log)})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Queue{db: d, log: log, workers: river.NewWorkers(), insert: c}, nil
}

// Migrate makes or renews the tables of the queue.
func Migrate(ctx context.Context, d *db.DB) error {
	m, err := rivermigrate.New(driver(d), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("jobs: migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: migrate: %w", err)
	}
	return nil
}

func driver(d *db.DB) riverdriver.Driver[*sql.Tx] {
	if d.Dialect() == db.Postgres {
		return riverdatabasesql.New(d.Pool())
	}
	return riversqlite.New(d.Pool())
}

// Handle says how jobs with payload A are worked off. Call it before Start.
func Handle[A Args](q *Queue, f func(ctx context.Context, args A) error) {
	river.AddWorker(q.workers, &worker[A]{f: f})
}

// HandleFor is Handle for jobs that may take longer than the usual minute. More
// than four minutes is not to be had: after five a job counts as abandoned.
func HandleFor[A Args](q *Queue, most time.Duration, f func(ctx context.Context, args A) error) {
	river.AddWorker(q.workers, &worker[A]{f: f, most: min(most, 4*time.Minute)})
}

// Every runs a handled job at the given pace, on one process at a time, and
// once at start so that what fell due during a stop is caught up.
func Every[A Args](q *Queue, pace time.Duration, args A) {
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(pace),
		func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: pace}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Enqueue adds a job to the transaction of ctx; outside one it is db.ErrNoTx.
func (q *Queue) Enqueue(ctx context.Context, args Args) error {
	return q.enqueue(ctx, args, nil)
}

// EnqueueTries is Enqueue for a job that is tried so often in all and then
// given up, a process that died with it included. Whoever waits for such a job
// asks Waits.
func (q *Queue) EnqueueTries(ctx context.Context, args Args, tries int) error {
	return q.enqueue(ctx, args, &river.InsertOpts{MaxAttempts: tries})
}

// Waits says that a job with this payload, which has an "id", is under way or
// will be: false once it is done or given up.
func (q *Queue) Waits(ctx context.Context, kind, id string) (bool, error) {
	n, _, err := db.Maybe(ctx, q.db.Read(ctx), db.Scalar[int64],
		`SELECT count(*) FROM river_job WHERE kind=$1 AND state IN ('available','pending','retryable','running','scheduled') AND args ->> 'id' = $2`, kind, id)
	if err != nil {
		return false, fmt.Errorf("jobs: waits %s: %w", kind, err)
	}
	return n > 0, nil
}

// EnqueueAt adds a job that runs at or after t.
func (q *Queue) EnqueueAt(ctx context.Context, args Args, t time.Time) error {
	return q.enqueue(ctx, args, &river.InsertOpts{ScheduledAt: t})
}

func (q *Queue) enqueue(ctx context.Context, args Args, o *river.InsertOpts) error {
	tx := db.Tx(ctx)
	if tx == nil {
		return db.ErrNoTx
	}
	if _, err := q.insert.InsertTx(ctx, tx, args, o); err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Start works jobs off until Stop.
func (q *Queue) Start(ctx context.Context) error {
	c, err := river.NewClient(driver(q.db), &river.Config{
		Logger:               quiet(q.log),
		Workers:              q.workers,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		PeriodicJobs:         q.periodic,
		JobTimeout:           time.Minute,
		RescueStuckJobsAfter: 5 * time.Minute,
		FetchPollInterval:    time.Second,
		ErrorHandler:         reporter{q.log},
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if err := c.Start(ctx); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	q.work = c
	return nil
}

// Stop lets the jobs in hand finish; when ctx ends first they are cancelled
// and will be run again by the next process.
func (q *Queue) Stop(ctx context.Context) error {
	if q.work == nil {
		return nil
	}
	err := q.work.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = q.work.StopAndCancel(hard)
	}
	q.work = nil
	return err
}

// Counts tells how many jobs stand in which state, for the metrics.
func (q *Queue) Counts(ctx context.Context) (map[string]int64, error) {
	type row struct {
		state string
		n     int64
	}
	rows, err := db.List(ctx, q.db.Read(ctx), func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.state, &r.n)
	}, `SELECT state, count(*) FROM river_job GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("jobs: counts: %w", err)
	}
	out := map[string]int64{}
	for _, r := range rows {
		out[r.state] = r.n
	}
	return out, nil
}

type worker[A Args] struct {
	river.WorkerDefaults[A]
	f    func(ctx context.Context, args A) error
	most time.Duration // 0 for the usual
}

// Timeout of one run.
func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.most }

func (w *worker[A]) Work(ctx context.Context, j *river.Job[A]) error { return w.f(ctx, j.Args) }
