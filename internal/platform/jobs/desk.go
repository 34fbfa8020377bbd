package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// Entry is a job of the timetable, for people.
type Entry struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"` // sql or go
	Func    *string `json:"function"`
	Every   float64 `json:"every_seconds"`
	Timeout float64 `json:"timeout_seconds"`
	// State is waiting, due, running, failing (and tried again at NextRun), lost
	// (its owner is gone), off, new (not in the timetable before the first run)
	// or unknown (not to this release).
	State       string     `json:"state"`
	NextRun     *time.Time `json:"next_run"` // nil: it is off
	LastRun     *time.Time `json:"last_run"` // that did not fail; nil: never
	LastResult  *string    `json:"last_result"`
	LastFailure *string    `json:"last_failure"` // nil after a run that did not fail
	Failures    int        `json:"failures"`     // in a row
	Owner       *string    `json:"owner"`        // of the run under way
	StartedAt   *time.Time `json:"started_at"`   // of the run under way
}

// Run is one of the history.
type Run struct {
	ID         int64     `json:"id"`
	Job        string    `json:"job"`
	Owner      string    `json:"owner"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
	Seconds    float64   `json:"seconds"`
	Outcome    Outcome   `json:"outcome"`
	Result     string    `json:"result"` // its outcome, or the reason of its failure
}

// UnknownError says that no job has a name.
type UnknownError struct {
	Name  string
	Names []string // that there are
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no job is called %q; there are %s", e.Name, strings.Join(e.Names, ", "))
}

// open connects for one question. Its errors name the remedy.
func (r *Runner) open(ctx context.Context, ask func(*pgx.Conn) error) error {
	conn, err := r.db.Connect(ctx, service.Transaction)
	if err == nil {
		defer service.Close(ctx, conn)
		err = ask(conn)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", explain(err), err)
	}
	return nil
}

// List reads the timetable, by name.
func (r *Runner) List(ctx context.Context) (list []Entry, err error) {
	err = r.open(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, sql.JobsList)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
		return err
	})
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for i := range list {
		e := &list[i]
		there[e.Name] = true
		if _, known := r.jobs[e.Name]; e.Kind == "go" && !known {
			e.State = "unknown"
		}
	}
	for name, j := range r.jobs {
		if !there[name] {
			list = append(list, Entry{Name: name, Kind: "go", State: "new", Every: j.Every.Seconds(), Timeout: j.Timeout.Seconds()})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// History reads at most most runs of a job, or of all where job is "", the
// newest first.
func (r *Runner) History(ctx context.Context, job string, most int) (list []Run, err error) {
	var name *string
	if job != "" {
		name = &job
	}
	err = r.open(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, sql.JobsHistory, name, most)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Run])
		return err
	})
	return list, err
}

// Now does a job at once, due or not, under the same claim as all others: it is
// an error if another has the job. With rebuild it is done from scratch. A
// failure of the job is in the Run, not in the error.
//
// Errors: [*UnknownError]; a text for people else.
func (r *Runner) Now(ctx context.Context, name string, rebuild bool) (done Run, err error) {
	var run *running
	err = r.open(ctx, func(conn *pgx.Conn) error {
		if rebuild {
			if err := r.rebuildable(ctx, conn, name); err != nil {
				return err
			}
		}
		if err := r.register(ctx, conn); err != nil {
			return err
		}
		asked := time.Now()
		c, ok, err := r.claim(ctx, conn, &name)
		if ok {
			run = r.begin(ctx, c, asked)
		}
		return err
	})
	if err != nil {
		return Run{}, err
	}
	if run == nil {
		return Run{}, r.refusal(ctx, name)
	}
	defer r.end(run)
	var heart service.Loop
	if err := heart.Start(run.ctx, r.beat); err != nil {
		return Run{}, err
	}
	defer heart.Stop()
	rep := r.do(run, rebuild, true)
	r.closeSpare(ctx)
	return Run{
		ID: run.Run, Job: name, Owner: r.o.Owner, StartedAt: run.started, FinishedAt: run.started.Add(rep.took),
		Seconds: rep.took.Seconds(), Outcome: rep.outcome, Result: rep.result.Text,
	}, nil
}

// rebuildable is an error for a job that is not done from scratch.
func (r *Runner) rebuildable(ctx context.Context, conn *pgx.Conn, name string) error {
	can := r.jobs[name].Rebuild != nil
	if _, ours := r.jobs[name]; !ours {
		if err := conn.QueryRow(ctx, sql.JobsRebuildable, name).Scan(&can); err != nil {
			return fmt.Errorf("look whether the job %s can be rebuilt: %w", name, err)
		}
	}
	if !can {
		return fmt.Errorf("the job %s cannot be rebuilt: each run does all of it, or it goes on where it was", name)
	}
	return nil
}

// refusal says why a job could not be claimed.
func (r *Runner) refusal(ctx context.Context, name string) error {
	list, err := r.List(ctx)
	if err != nil {
		return err
	}
	unknown := &UnknownError{Name: name}
	for _, e := range list {
		switch {
		case e.State == "unknown":
		case e.Name == name && e.Owner != nil && e.StartedAt != nil:
			return fmt.Errorf("the job %s is under way since %s, by %s", name, e.StartedAt.Format(time.RFC3339), *e.Owner)
		case e.Name == name:
			return fmt.Errorf("the job %s is under way, in a transaction of run_due_jobs()", name)
		default:
			unknown.Names = append(unknown.Names, e.Name)
		}
	}
	return unknown
}

// beat renews the lease of a run in the foreground.
func (r *Runner) beat(ctx context.Context) {
	var w watch
	defer w.close(ctx)
	for service.Sleep(ctx, r.o.Look) == nil {
		brief, cancel := context.WithTimeout(ctx, r.o.Lease/3)
		err := r.connect(brief, &w)
		if err == nil {
			err = r.renewAll(brief, w.conn)
		}
		cancel()
		if err != nil {
			w.close(ctx) // the lease ends by itself, if it goes on like that
		}
	}
}
