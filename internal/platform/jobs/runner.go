package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
)

// Options are the settings of a Runner. URL and Logger are required.
type Options struct {
	URL     string // connection string of a role that may run jobs
	Setting string // the setting that gave it, for messages; romashka-db-background-uri
	Logger  *slog.Logger
	Jobs    []Job  // those in Go; those in SQL stand in the timetable
	Owner   string // of leases, for people; host, process and a random part
	// Lease is how long a run stays its owner's without a word of him; 12 s. It
	// is renewed each time that the timetable is looked at.
	Lease time.Duration
	// Look is the longest time between two looks at the timetable; a sixth of
	// Lease. A job of a dead process is taken over after both at most.
	Look     time.Duration
	Parallel int // jobs at a time; 4
}

// Runner runs the jobs that are due. It is a service, and safe for concurrent use.
type Runner struct {
	o    Options
	db   *service.Database
	log  *slog.Logger
	jobs map[string]Job
	loop service.Loop

	work  sync.WaitGroup
	ended chan struct{}  // a run has; capacity 1
	spare chan *pgx.Conn // of the last run, for the next one; capacity 1

	mu     sync.Mutex // guards the fields below
	active map[int64]*running
	stats  map[string]*Stats
}

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Runner, error) {
	if o.Logger == nil {
		return nil, errors.New("jobs: Logger is required")
	}
	o.Lease = cmp.Or(o.Lease, 12*time.Second)
	o.Look = cmp.Or(o.Look, o.Lease/6)
	o.Parallel = cmp.Or(o.Parallel, 4)
	if o.Owner == "" {
		host, _ := os.Hostname() // for people: less will do
		o.Owner = fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:6])
	}
	jobs, err := byName(o.Jobs)
	if err != nil {
		return nil, err
	}
	db, err := service.New(service.Options{
		URI: o.URL, Setting: cmp.Or(o.Setting, "romashka-db-background-uri"), Name: "romashka jobs", Timeout: min(o.Lease/2, 5*time.Second),
	})
	if err != nil {
		return nil, err
	}
	return &Runner{
		o: o, db: db, log: o.Logger, jobs: jobs, ended: make(chan struct{}, 1), spare: make(chan *pgx.Conn, 1),
		active: map[int64]*running{}, stats: map[string]*Stats{},
	}, nil
}

// Start begins to work. A second call does nothing.
func (r *Runner) Start(ctx context.Context) error { return r.loop.Start(ctx, r.run) }

// Stop cancels the runs under way, which the database rolls back, gives the jobs back
// to be done again, and waits for the end of the runs.
func (r *Runner) Stop() { r.loop.Stop() }

// watch is the loop's state from one turn to the next.
type watch struct {
	conn    *pgx.Conn // nil: none
	failing bool      // logged once, until it works again
	backoff *service.Backoff
}

func (r *Runner) run(ctx context.Context) {
	const first, longest = 500 * time.Millisecond, 15 * time.Second
	w := &watch{backoff: service.NewBackoff(min(first, r.o.Look), longest, 0.5)}
	defer func() {
		r.work.Wait() // their contexts have ended with ctx
		w.close(ctx)
		r.closeSpare(ctx)
	}()
	for ctx.Err() == nil {
		pause, err := r.turn(ctx, w)
		if err != nil && ctx.Err() == nil {
			w.close(ctx)
			pause = w.backoff.Next()
			if !w.failing {
				r.log.LogAttrs(ctx, slog.LevelWarn, "no jobs are run: "+explain(err), slog.Any("err", err))
			}
			w.failing = true
		}
		r.pause(ctx, pause)
	}
}

// pause waits for d, for the end of a run, or for that of ctx.
func (r *Runner) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.ended:
	}
}

func (w *watch) close(ctx context.Context) {
	if w.conn != nil {
		service.Close(ctx, w.conn)
		w.conn = nil
	}
}

// turn renews the leases, looks at the timetable and begins the jobs that are due. It
// returns how long there is nothing to do.
func (r *Runner) turn(ctx context.Context, w *watch) (time.Duration, error) {
	brief, cancel := context.WithTimeout(ctx, r.o.Lease/3) // a server that hangs must not cost the lease
	defer cancel()
	if err := r.connect(brief, w); err != nil {
		return 0, err
	}
	if err := r.renewAll(brief, w.conn); err != nil {
		return 0, err
	}
	sights, err := look(brief, w.conn)
	if err != nil {
		return 0, err
	}
	r.saw(sights)
	if w.failing {
		r.log.LogAttrs(ctx, slog.LevelWarn, "jobs are run again")
	}
	w.failing = false
	w.backoff.Reset()
	pause, due := r.next(sights)
	for due && r.room() {
		asked := time.Now()
		c, ok, err := r.claim(brief, w.conn, nil)
		if err != nil {
			return 0, err
		}
		if !ok {
			break // another was quicker, or pg_cron is at it
		}
		run := r.begin(ctx, c, asked)
		r.work.Go(func() {
			r.do(run, false, false)
			r.end(run)
		})
	}
	return pause, nil
}

func (r *Runner) connect(ctx context.Context, w *watch) (err error) {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	if w.conn, err = r.db.Connect(ctx, service.Transaction); err != nil {
		return err
	}
	return r.register(ctx, w.conn)
}

// next is the time until something of ours is due, and whether something is.
func (r *Runner) next(sights []sight) (pause time.Duration, due bool) {
	pause = service.Jitter(r.o.Look, 0.1)
	for _, s := range sights {
		_, known := r.jobs[s.Name]
		switch {
		case s.Wait == nil || !known && !s.InSQL:
		case *s.Wait <= 0:
			due = true
		default:
			pause = min(pause, time.Duration(*s.Wait*float64(time.Second))+time.Millisecond)
		}
	}
	return pause, due
}

// room reports whether one more job may be begun.
func (r *Runner) room() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.active) < r.o.Parallel
}
