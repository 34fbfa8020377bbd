package migrator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// pagesAtOnce are copied in one transaction, which has their rows locked.
	pagesAtOnce = 256
	// copyCost was measured with ten million rows, see partition.md; nanoseconds a row.
	copyCost = 6000
)

// PlanUndoLogPartitions says what UndoLogPartitions would do, and changes nothing.
func (m *Migrator) PlanUndoLogPartitions(ctx context.Context) (p LogPartitions, err error) {
	err = m.read(ctx, func(s *session) error {
		p, err = s.undoLogPartitions(ctx)
		return err
	})
	return p, err
}

// UndoLogPartitions makes a partitioned public.api_security_logs one table again while it
// is read and written: its rows are copied. Each step leaves a log that works, so a call
// that was cut short is made again, and goes on; what stands in the way is a
// *RefusedError.
func (m *Migrator) UndoLogPartitions(ctx context.Context) error {
	return m.exclusively(ctx, func(s *session) error {
		p, err := s.undoLogPartitions(ctx)
		if err != nil {
			return err
		}
		return s.take(ctx, p)
	})
}

func (s *session) undoLogPartitions(ctx context.Context) (LogPartitions, error) {
	l, err := s.logStanding(ctx)
	if err != nil {
		return LogPartitions{}, err
	}
	p := LogPartitions{Partitioned: l.Partitioned, Rows: l.Rows, Bytes: l.Bytes}
	if !l.Partitioned {
		return p, nil
	}
	if p.Problems, err = s.partitionProblems(ctx, "romashka.partition_undo_swap()"); err != nil {
		return p, err
	}
	if len(p.Problems) > 0 {
		return p, nil
	}
	const lacking = `SELECT (SELECT count(*) FROM romashka.log_indexes() AS x WHERE NOT x.built),
		(SELECT count(*) FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = 'public.api_security_logs'::regclass AND k.contype = 'f'
		   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS w WHERE w.conrelid = pg_catalog.to_regclass('romashka.api_security_logs_whole') AND w.conname = k.conname AND w.convalidated))`
	var indexes, keys int64
	if err := s.conn.QueryRow(ctx, lacking).Scan(&indexes, &keys); err != nil {
		return p, fmt.Errorf("look at the new table: %w", err)
	}
	p.Steps = l.undoSteps(indexes, keys)
	return p, nil
}

// undoSteps are what is left to do where the new table lacks so many indexes and
// foreign keys.
func (l logStanding) undoSteps(indexes, keys int64) (steps []PartitionStep) {
	if !l.Undoing {
		steps = append(steps, PartitionStep{
			Name: "a table beside the log, which has each change of it from now on", Lock: moments("SHARE ROW EXCLUSIVE"),
			action: func(s *session, ctx context.Context) error {
				return s.patiently(ctx, "SELECT romashka.partition_undo_begin()")
			},
		})
	}
	if !l.Copied {
		steps = append(steps, PartitionStep{
			Name: "copy of the rows, and a unique index on their id, concurrently", Lock: "ROW SHARE, keeps nobody out; who changes a row that is copied just now waits for moments",
			Lasts: time.Duration((copyCost + indexCost) * l.Rows), action: (*session).copyLog,
		})
	}
	const none = "none: it is done to the new table"
	if indexes > 0 {
		steps = append(steps, PartitionStep{
			Name: "its other indexes, concurrently, and statistics", Lock: none, Lasts: time.Duration(indexCost * l.Rows * (indexes - 1)), action: (*session).indexWhole,
		})
	}
	if keys > 0 {
		steps = append(steps, PartitionStep{
			Name: "its foreign keys, and their check", Lock: none + "; SHARE ROW EXCLUSIVE on profiles for moments", Lasts: time.Duration(validateCost * l.Rows), action: (*session).keyWhole,
		})
	}
	return append(steps, PartitionStep{
		Name: "that table in place of the log, whose partitions go", Lock: moments("ACCESS EXCLUSIVE") + "; on profiles, too",
		action: func(s *session, ctx context.Context) error {
			return s.patiently(ctx, "SELECT romashka.partition_undo_swap()")
		},
	})
}

// copyLog copies the rows of each partition, some pages at a time. Rows that come
// after the new table was made come there by a trigger; a row that is there already,
// from a copy that was cut short, stays as it is. The index of its key tells that all are.
func (s *session) copyLog(ctx context.Context) error {
	const list = `SELECT d.relation::oid, d.relation::text, pg_catalog.pg_relation_size(d.relation) / pg_catalog.current_setting('block_size')::bigint
		FROM romashka.log_days() AS d ORDER BY d.since NULLS FIRST`
	type part struct {
		OID   uint32
		Name  string
		Pages int64
	}
	rows, err := s.conn.Query(ctx, list)
	if err != nil {
		return err
	}
	parts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[part])
	if err != nil {
		return err
	}
	progress := IndexProgress{Name: "public.api_security_logs", Phase: "copying rows", Unit: "pages"}
	for _, p := range parts {
		progress.Total += p.Pages
	}
	for _, p := range parts {
		for first := int64(0); first < p.Pages; first += pagesAtOnce {
			if err := s.patiently(ctx, "SELECT romashka.partition_undo_copy($1::oid, $2, $3)", p.OID, first, first+pagesAtOnce); err != nil {
				return fmt.Errorf("copy %s: %w", p.Name, err)
			}
			progress.Done += min(pagesAtOnce, p.Pages-first)
			progress.Ended = progress.Done == progress.Total
			if s.opts.IndexProgress != nil {
				s.opts.IndexProgress(progress)
			}
		}
	}
	return s.buildWhole(ctx, "SELECT x.name, x.statement FROM romashka.log_indexes() AS x WHERE NOT x.built AND x.rename IS NULL")
}

func (s *session) indexWhole(ctx context.Context) error {
	if err := s.buildWhole(ctx, "SELECT x.name, x.statement FROM romashka.log_indexes() AS x WHERE NOT x.built"); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "ANALYZE romashka.api_security_logs_whole")
	return err
}

// buildWhole builds indexes that the new table lacks. One that was cut short is invalid,
// and goes first.
func (s *session) buildWhole(ctx context.Context, query string) error {
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x laterIndex, err error) {
		return x, row.Scan(&x.name, &x.statement)
	})
	if err != nil {
		return err
	}
	for _, x := range list {
		if _, err := s.conn.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS romashka."+x.name); err != nil {
			return err
		}
		stop := s.watchIndex(ctx, x.name)
		_, err := s.conn.Exec(ctx, x.statement)
		stop()
		if err != nil {
			return twice(err)
		}
	}
	return nil
}

// twice says of an index that could not be built what that means: a partitioned log
// may have an id twice, with another time.
func twice(err error) error {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || refusal.Code != pgerrcode.UniqueViolation {
		return err
	}
	const remedy = `UPDATE public.api_security_logs AS l SET id = gen_random_uuid() WHERE EXISTS (SELECT FROM public.api_security_logs AS o WHERE o.id = l.id AND o."timestamp" < l."timestamp");`
	return fmt.Errorf("an id is in several rows, which one table cannot have; run this, and then the command again, it goes on from here: %s (%s %w)", remedy, refusal.Detail, err)
}

// keyWhole gives the new table the foreign keys of the log, and has PostgreSQL look at
// all rows while nobody waits.
func (s *session) keyWhole(ctx context.Context) error {
	const list = `SELECT pg_catalog.format('ALTER TABLE romashka.api_security_logs_whole ADD CONSTRAINT %I %s NOT VALID', k.conname, pg_catalog.pg_get_constraintdef(k.oid))
		FROM pg_catalog.pg_constraint AS k
		WHERE k.conrelid = 'public.api_security_logs'::regclass AND k.contype = 'f'
		  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS w WHERE w.conrelid = 'romashka.api_security_logs_whole'::regclass AND w.conname = k.conname)
		ORDER BY k.conname`
	if err := s.eachOf(ctx, list); err != nil {
		return err
	}
	return s.validate(ctx, "romashka.api_security_logs_whole")
}
