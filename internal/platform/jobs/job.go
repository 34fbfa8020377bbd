package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// Job is one in Go. Name, Every and Run are required.
type Job struct {
	Name string // lower case, as in romashka.jobs
	// Every and Timeout are for a timetable that does not have the job yet;
	// from then on the timetable's figures count, which an admin may change.
	Every   time.Duration // from the end of a run to the next one; 1 s at least
	Timeout time.Duration // of one run; 15 min
	Run     Func
	// Rebuild does it from scratch, for `jobs run NAME --rebuild`; nil: there is no such thing.
	Rebuild Func
}

// Func does a job. The connection is the run's alone, and may lead through a
// pooler in transaction mode: settings, locks and temporary tables must not
// outlive a transaction. It ends when ctx does, at the latest after Timeout. A
// panic is a failure. Work done twice must do no harm: between its last
// transaction and the end of the run a process can die.
type Func func(ctx context.Context, conn *pgx.Conn) (Result, error)

// Result is of a run that did not fail.
type Result struct {
	Text string // one line for people: "412 rows written"
	More bool   // there is more to do: it is due again at once
	Idle bool   // there was nothing to do, and the history has no use for it
}

// ErrLost says that another has taken the job over. The writes of the
// transaction are rolled back.
var ErrLost = errors.New("the job was taken over by another process, because the lease was not renewed in time")

// errExpired ends a run that nobody may have taken over yet.
var errExpired = errors.New("the lease was not renewed in time: the database did not answer")

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`) // read-only

// byName checks jobs and gives them their defaults.
func byName(list []Job) (map[string]Job, error) {
	jobs := make(map[string]Job, len(list))
	for _, j := range list {
		switch _, twice := jobs[j.Name]; {
		case twice:
			return nil, fmt.Errorf("jobs: two are called %s", j.Name)
		case !namePattern.MatchString(j.Name):
			return nil, fmt.Errorf("jobs: %q is no name, want lower case letters, digits and _", j.Name)
		case j.Every < time.Second:
			return nil, fmt.Errorf("jobs: %s is due every %s, want 1 s at least", j.Name, j.Every)
		case j.Run == nil:
			return nil, fmt.Errorf("jobs: %s has nothing to run", j.Name)
		}
		j.Timeout = max(cmp.Or(j.Timeout, 15*time.Minute), time.Second)
		jobs[j.Name] = j
	}
	return jobs, nil
}

// runKey is where the context of a job has the number of its run.
type runKey struct{}

// Write does act in a transaction that commits only if the run still has its
// job, and is else rolled back with ErrLost. Statements in it may take as long
// as the run may, whatever the role's own limit is. If ctx is not that of a
// run, as in a command that does the same at once, there is nobody to lose to.
func Write(ctx context.Context, conn *pgx.Conn, act func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := limit(ctx, tx); err != nil {
			return err
		}
		if err := act(tx); err != nil {
			return err
		}
		run, ok := ctx.Value(runKey{}).(int64)
		if !ok {
			return nil
		}
		// Last, so that a run that hangs does not keep others from the job.
		var held bool
		if err := tx.QueryRow(ctx, sql.JobsHold, run).Scan(&held); err != nil {
			return fmt.Errorf("hold the job: %w", err)
		}
		if !held {
			return ErrLost
		}
		return nil
	})
}

// Read does act in a transaction that sees the database as of one moment and
// writes nothing. Its time-limit is that of [Write].
func Read(ctx context.Context, conn *pgx.Conn, act func(pgx.Tx) error) error {
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, conn, o, func(tx pgx.Tx) error {
		if err := limit(ctx, tx); err != nil {
			return err
		}
		return act(tx)
	})
}

// limit gives the statements of tx as long as ctx has.
func limit(ctx context.Context, tx pgx.Tx) error {
	var milliseconds int64
	if end, ok := ctx.Deadline(); ok {
		milliseconds = max(time.Until(end).Milliseconds(), 1)
	}
	if _, err := tx.Exec(ctx, sql.JobsLimit, milliseconds); err != nil {
		return fmt.Errorf("set a time-limit: %w", err)
	}
	return nil
}
