package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// claim is a run that the timetable has given to this process.
type claim struct {
	Job     string
	Run     int64
	InSQL   bool
	Seconds float64 // of the time-out
}

func (c claim) timeout() time.Duration { return time.Duration(c.Seconds * float64(time.Second)) }

// sight is a row of the timetable as it was looked at.
type sight struct {
	Name    string
	InSQL   bool
	Wait    *float64 // seconds until it is due or its lease ends; nil: never
	DoneAgo *float64 // seconds since the last run that did not fail
	Failing bool
}

// register brings the jobs in Go into the timetable.
func (r *Runner) register(ctx context.Context, conn *pgx.Conn) error {
	var every, timeouts []float64
	names := r.names()
	for _, name := range names {
		every = append(every, r.jobs[name].Every.Seconds())
		timeouts = append(timeouts, r.jobs[name].Timeout.Seconds())
	}
	if _, err := conn.Exec(ctx, sql.JobsRegister, names, every, timeouts); err != nil {
		return fmt.Errorf("register jobs: %w", err)
	}
	return nil
}

// names are those of the jobs in Go, sorted.
func (r *Runner) names() []string {
	names := slices.AppendSeq([]string{}, maps.Keys(r.jobs)) // not nil, which is NULL
	slices.Sort(names)
	return names
}

func look(ctx context.Context, conn *pgx.Conn) ([]sight, error) {
	rows, err := conn.Query(ctx, sql.JobsLook)
	if err != nil {
		return nil, fmt.Errorf("look at the timetable: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sight])
	if err != nil {
		return nil, fmt.Errorf("look at the timetable: %w", err)
	}
	return list, nil
}

// claim asks for a job: the one of a name, or any that is due. ok is false when
// none can be claimed.
func (r *Runner) claim(ctx context.Context, conn *pgx.Conn, name *string) (c claim, ok bool, err error) {
	rows, err := conn.Query(ctx, sql.JobsClaim, r.o.Owner, r.o.Lease.Seconds(), r.names(), name)
	if err != nil {
		return claim{}, false, fmt.Errorf("claim a job: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[claim])
	if err != nil {
		return claim{}, false, fmt.Errorf("claim a job: %w", err)
	}
	if len(list) == 0 {
		return claim{}, false, nil
	}
	return list[0], true, nil
}

// renew renews the leases of runs and returns those that are still ours.
func (r *Runner) renew(ctx context.Context, conn *pgx.Conn, runs []int64) ([]int64, error) {
	rows, err := conn.Query(ctx, sql.JobsRenew, runs, r.o.Lease.Seconds())
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	ours, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	return ours, nil
}

// finish ends a run in the timetable; false: another has the job.
func finish(ctx context.Context, conn *pgx.Conn, c claim, outcome Outcome, result Result) (ok bool, err error) {
	err = conn.QueryRow(ctx, sql.JobsFinish, c.Run, string(outcome), result.Text, result.More, result.Idle).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("finish the run: %w", err)
	}
	return ok, nil
}
