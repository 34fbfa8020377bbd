// Package jobs has the database do what is due: romashka.run_due_jobs(),
// once a minute. Any number of replicas may; the function sees to it that each
// job is done by one.
//
// It never decides what is due or how it is done, and holds no connection
// between two calls.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// Options are what a Worker is made of. URL and Logger are required.
type Options struct {
	URL      string // connection string of a role that may call the function
	Logger   *slog.Logger
	Interval time.Duration // between two calls; 1 min
	Timeout  time.Duration // of one call; 15 min: the first one may count a year of days
}

// Worker is a service. It is safe for concurrent use.
type Worker struct {
	db                *service.Database
	log               *slog.Logger
	interval, timeout time.Duration

	mu   sync.Mutex
	stop context.CancelFunc // nil when not running
	done chan struct{}
}

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Worker, error) {
	if o.Logger == nil {
		return nil, errors.New("worker: Logger is required")
	}
	db, err := service.New(service.Options{URI: o.URL, Setting: "romashka-db-background-uri", Name: "romashka worker"})
	if err != nil {
		return nil, err
	}
	return &Worker{
		db: db, log: o.Logger, interval: cmp.Or(o.Interval, time.Minute), timeout: cmp.Or(o.Timeout, 15*time.Minute),
	}, nil
}

// Start begins to work. A second call does nothing.
func (w *Worker) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		return nil
	}
	ctx, w.stop = context.WithCancel(ctx)
	w.done = make(chan struct{})
	go w.loop(ctx, w.done)
	return nil
}

// Stop cancels what is under way, which the database rolls back, and waits for
// the end of it.
func (w *Worker) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop == nil {
		return
	}
	w.stop()
	<-w.done
	w.stop = nil
}

func (w *Worker) loop(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	failing := false // the log is told once, until it works again
	for {
		err := w.runDue(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			w.log.LogAttrs(ctx, slog.LevelWarn, "no jobs are run: "+explain(err), slog.Any("err", err))
		case err == nil && failing:
			w.log.LogAttrs(ctx, slog.LevelWarn, "jobs are run again")
		}
		failing = err != nil
		// Not all replicas at once; nobody gains by guessing it.
		pause := time.NewTimer(w.interval - rand.N(w.interval/4)) //nolint:gosec // see above
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// runDue calls the function until nothing is due: a job that has much to
// delete is done in several transactions.
func (w *Worker) runDue(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	conn, err := w.db.Connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	for {
		results, err := w.call(ctx, conn)
		if err != nil {
			return fmt.Errorf("run due jobs: %w", err)
		}
		for _, r := range results {
			r.log(ctx, w.log)
		}
		if len(results) == 0 {
			return nil
		}
	}
}

// result is what the function says of a job that was due.
type result struct{ Job, Text string }

func (r result) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	if strings.HasPrefix(r.Text, "failed: ") {
		level = slog.LevelError
	}
	log.LogAttrs(ctx, level, "job", slog.String("job", r.Job), slog.String("result", r.Text))
}

// call is one call, in a transaction without the role's own time limit.
func (w *Worker) call(ctx context.Context, conn *pgx.Conn) (results []result, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", w.timeout.Milliseconds())); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql.RunDueJobs)
		if err != nil {
			return err
		}
		results, err = pgx.CollectRows(rows, pgx.RowToStructByPos[result])
		return err
	})
	return results, err
}
