package migrator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
)

// LogPartitions is how the API log stands on its way to a table of partitions, one
// for each day, or back, and what is left to do.
type LogPartitions struct {
	Partitioned bool
	Rows        int64 // about
	Bytes       int64 // with indexes
	Aside       int64 // rows without a time, or dated after tomorrow, that wait apart while it is done
	Problems    []Problem
	Steps       []PartitionStep // left to do, in order
}

// PartitionStep is one transaction, or one statement that must have none.
type PartitionStep struct {
	Name   string
	Lock   string        // on api_security_logs, and whom it keeps out
	Lasts  time.Duration // about, by the number of rows
	action func(*session, context.Context) error
}

const (
	// daysAhead are made at once; the job partitions keeps up with them.
	daysAhead = 7
	// mostAside is how many rows may wait apart: they move while others are kept out.
	mostAside = 10_000
	// partitionLock bounds how long a step may have others queue behind it, for
	// partitionTries times.
	partitionLock  = 500 * time.Millisecond
	partitionTries = 100
	// spare is how long a day that was promised must be off, so that no row of it comes
	// before the last step.
	spare = 12 * time.Hour
)

// Measured with ten million rows, see partition.md; nanoseconds a row.
const (
	indexCost    = 1000
	validateCost = 200
)

// logStanding is a row of partition_state.sql.
type logStanding struct {
	Partitioned        bool
	Rows, Bytes        int64
	Begun              *time.Time
	Validated, Indexed bool
	Ahead              int64
	Undoing, Copied    bool
}

// PlanLogPartitions says what PartitionLog would do, and changes nothing.
func (m *Migrator) PlanLogPartitions(ctx context.Context) (p LogPartitions, err error) {
	err = m.read(ctx, func(s *session) error {
		p, err = s.logPartitions(ctx)
		return err
	})
	return p, err
}

// PartitionLog makes public.api_security_logs a table of partitions while it is read and
// written. Each step leaves a log that works, so a call that was cut short is made
// again, and goes on; what stands in the way is a *RefusedError, and nothing is changed.
func (m *Migrator) PartitionLog(ctx context.Context) error {
	return m.exclusively(ctx, func(s *session) error {
		p, err := s.logPartitions(ctx)
		if err != nil {
			return err
		}
		return s.take(ctx, p)
	})
}

// take does the steps that are left, if nothing is in the way.
func (s *session) take(ctx context.Context, p LogPartitions) error {
	if len(p.Problems) > 0 {
		return &RefusedError{Problems: p.Problems}
	}
	for _, step := range p.Steps {
		started := time.Now()
		if err := step.action(s, ctx); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
		s.done(ctx, Step{Name: step.Name, Elapsed: time.Since(started)})
	}
	if len(p.Steps) == 0 {
		return nil
	}
	return s.reloadSchema(ctx)
}

// AbortLogPartitions takes back the steps of a PartitionLog or an UndoLogPartitions that
// did not come to its last one, and reports whether there were any.
func (m *Migrator) AbortLogPartitions(ctx context.Context) (begun bool, err error) {
	err = m.exclusively(ctx, func(s *session) error {
		standing, err := s.logStanding(ctx)
		if err != nil || standing.Partitioned && !standing.Undoing {
			return err
		}
		if err := s.patiently(ctx, "SELECT romashka.partition_abort()"); err != nil {
			return err
		}
		begun = standing.Begun != nil || standing.Indexed || standing.Undoing
		_, err = s.conn.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS public.api_security_logs_past_pkey")
		return err
	})
	return begun, err
}

func (s *session) logStanding(ctx context.Context) (l logStanding, err error) {
	query, err := readFile("partition_state.sql")
	if err != nil {
		return l, err
	}
	rows, err := s.conn.Query(ctx, query)
	if err == nil {
		l, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[logStanding])
	}
	switch refusal, ok := errors.AsType[*pgconn.PgError](err); {
	case errors.Is(err, pgx.ErrNoRows), ok && refusal.Code == pgerrcode.UndefinedTable:
		return l, &RefusedError{Problems: []Problem{{Object: "table public.api_security_logs", Fault: "is missing", Remedy: "romashka migrate up"}}}
	case err != nil:
		return l, fmt.Errorf("look at the log: %w", err)
	}
	return l, nil
}

// logPartitions plans the steps that are left.
func (s *session) logPartitions(ctx context.Context) (LogPartitions, error) {
	l, err := s.logStanding(ctx)
	if err != nil {
		return LogPartitions{}, err
	}
	p := LogPartitions{Partitioned: l.Partitioned, Rows: l.Rows, Bytes: l.Bytes, Aside: l.Ahead}
	if l.Partitioned {
		return p, nil
	}
	if p.Problems, err = s.partitionProblems(ctx, "romashka.partition_swap(integer)"); err != nil {
		return p, err
	}
	if l.Ahead > mostAside {
		p.Problems = append(p.Problems, Problem{
			Object: "column timestamp", Fault: fmt.Sprintf("is NULL or of a day after tomorrow in more than %d rows", mostAside),
			Remedy: `UPDATE public.api_security_logs SET "timestamp" = now() WHERE "timestamp" IS NULL OR "timestamp" > now() + interval '1 day';`,
		})
	}
	p.Steps = l.steps()
	return p, nil
}

// partitionProblems are what is in the way of a change that one function ends.
func (s *session) partitionProblems(ctx context.Context, function string) ([]Problem, error) {
	query, err := readFile("partition_obstacles.sql")
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("look for obstacles: %w", err)
	}
	problems, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Problem])
	if err != nil {
		return nil, fmt.Errorf("look for obstacles: %w", err)
	}
	var ready bool
	if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.to_regprocedure($1) IS NOT NULL", function).Scan(&ready); err != nil {
		return nil, fmt.Errorf("look for functions: %w", err)
	}
	if !ready {
		problems = append(problems, Problem{Object: "schema", Fault: "is older than this release", Remedy: "romashka migrate up"})
	}
	return problems, nil
}

func (l logStanding) steps() (steps []PartitionStep) {
	each := func(cost int64) time.Duration { return time.Duration(cost * l.Rows) }
	const nobody = "SHARE UPDATE EXCLUSIVE, keeps nobody out"
	if !l.Indexed {
		steps = append(steps, PartitionStep{
			Name: "unique index on id and timestamp, concurrently", Lock: nobody, Lasts: each(indexCost), action: (*session).indexPast,
		})
	}
	promised := l.Begun != nil && time.Until(*l.Begun) > spare
	if !promised {
		steps = append(steps, PartitionStep{
			Name: "promise that all rows are from before the day after tomorrow", Lock: moments("ACCESS EXCLUSIVE"),
			action: func(s *session, ctx context.Context) error {
				day := time.Now().UTC().Truncate(24 * time.Hour).Add(48 * time.Hour)
				return s.patiently(ctx, "SELECT romashka.partition_begin($1)", day)
			},
		})
	}
	if !promised || !l.Validated {
		steps = append(steps, PartitionStep{Name: "check that they are, and keys that were not checked", Lock: nobody, Lasts: each(validateCost), action: (*session).validatePast})
	}
	return append(steps,
		PartitionStep{
			Name: fmt.Sprintf("a partitioned table in place of the log, whose table is its first partition, and %d days ahead", daysAhead), Lock: moments("ACCESS EXCLUSIVE") + "; SHARE ROW EXCLUSIVE on profiles",
			action: func(s *session, ctx context.Context) error {
				return s.patiently(ctx, "SELECT romashka.partition_swap($1)", daysAhead)
			},
		},
		PartitionStep{Name: "statistics", Lock: nobody, action: func(s *session, ctx context.Context) error {
			_, err := s.conn.Exec(ctx, "ANALYZE public.api_security_logs")
			return err
		}},
	)
}

// moments is a lock that is given up where others would queue behind it.
func moments(lock string) string {
	return fmt.Sprintf("%s for moments, tried again where it would wait for longer than %s", lock, partitionLock)
}

// indexPast builds the index of the new key. One that was cut short is invalid, and
// goes first.
func (s *session) indexPast(ctx context.Context) error {
	const name = "api_security_logs_past_pkey"
	if _, err := s.conn.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS public."+name); err != nil {
		return err
	}
	stop := s.watchIndex(ctx, name)
	defer stop()
	_, err := s.conn.Exec(ctx, "CREATE UNIQUE INDEX CONCURRENTLY "+name+` ON public.api_security_logs (id, "timestamp")`)
	return err
}

// validatePast has PostgreSQL look at all rows now, while nobody waits.
func (s *session) validatePast(ctx context.Context) error {
	return s.validate(ctx, "public.api_security_logs")
}

func (s *session) validate(ctx context.Context, table string) error {
	return s.eachOf(ctx, `SELECT pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass, k.conname)
		FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = $1::text::regclass AND NOT k.convalidated ORDER BY k.conname`, table)
}

// eachOf does the statements that a query gives.
func (s *session) eachOf(ctx context.Context, query string, args ...any) error {
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if err := s.patiently(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// patiently does one statement in a transaction that waits for no lock for long, as
// often as it takes.
func (s *session) patiently(ctx context.Context, statement string, args ...any) error {
	const first, longest = 150 * time.Millisecond, 5 * time.Second
	backoff := service.NewBackoff(first, longest, 0.5)
	for attempt := 1; ; attempt++ {
		err := pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = '%dms'", partitionLock.Milliseconds())); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, statement, args...)
			return err
		})
		refusal, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || !passes(refusal.Code) {
			return err
		}
		if attempt == partitionTries {
			return fmt.Errorf("the table is in use by a transaction that does not end; run it again, it goes on from here: %w", err)
		}
		s.opts.Logger.WarnContext(ctx, "a table is in use, trying again", "attempt", attempt)
		if err := service.Sleep(ctx, backoff.Next()); err != nil {
			return err
		}
	}
}

// passes reports whether a refusal is about what others do at the moment: a lock, or a
// row that went to another partition just then.
func passes(code string) bool {
	return code == pgerrcode.LockNotAvailable || code == pgerrcode.DeadlockDetected || code == pgerrcode.SerializationFailure
}
