package migrator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
)

// driver is golang-migrate's database.Driver over a session. golang-migrate
// calls SetVersion(dirty), Run, SetVersion(clean) for each migration; here the
// first only remembers, the second opens the transaction, and the third writes
// the history and commits it. So the database is never dirty.
type driver struct {
	ctx     context.Context // database.Driver's methods take none
	s       *session
	tx      pgx.Tx // of the migration under way
	from    int    // version before it, -1 for none
	target  int    // version after it
	later   []laterIndex
	started time.Time
}

func newDriver(ctx context.Context, s *session) *driver { return &driver{ctx: ctx, s: s} }

var _ database.Driver = (*driver)(nil)

// Lock does nothing: the session holds the lock for longer than golang-migrate
// would, the functions included.
func (d *driver) Lock() error { return nil }

// Unlock rolls back a transaction that a failure left open.
func (d *driver) Unlock() error {
	if d.tx == nil {
		return nil
	}
	err := d.tx.Rollback(context.WithoutCancel(d.ctx))
	d.tx = nil
	if gone := errors.Is(err, pgx.ErrTxClosed) || d.ctx.Err() != nil; !gone {
		return err
	}
	return nil // with the connection, all is gone
}

// Version is the latest migration in the history.
func (d *driver) Version() (version int, dirty bool, err error) {
	applied, err := d.s.applied(d.ctx)
	if err != nil {
		return 0, false, err
	}
	if len(applied) == 0 {
		return database.NilVersion, false, nil
	}
	return int(applied[len(applied)-1].Version), false, nil
}

// Run executes one migration in a transaction of its own and leaves that open.
func (d *driver) Run(migration io.Reader) error {
	text, err := io.ReadAll(migration)
	if err != nil {
		return fmt.Errorf("read migration: %w", err)
	}
	script := string(text)
	if d.later = nil; d.target > d.from {
		if script, d.later, err = d.s.postpone(d.ctx, script); err != nil {
			return err
		}
	}
	const first, longest = 150 * time.Millisecond, 2 * time.Second
	backoff := service.NewBackoff(first, longest, 0.5) // not in step with anybody else
	for attempt := 1; ; attempt++ {
		err := d.try(script)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("migration %s: %w", d.name(), err)
		var pgErr *pgconn.PgError
		if attempt > d.s.opts.LockRetries || !errors.As(err, &pgErr) || pgErr.Code != pgerrcode.LockNotAvailable {
			return err
		}
		d.s.opts.Logger.WarnContext(d.ctx, "a table is in use, trying again", "attempt", attempt)
		if err := service.Sleep(d.ctx, backoff.Next()); err != nil {
			return err
		}
	}
}

func (d *driver) try(text string) error {
	tx, err := d.s.conn.Begin(d.ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err = d.s.prepare(d.ctx, tx); err == nil {
		_, err = tx.Exec(d.ctx, text)
	}
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(d.ctx)) // err says more
		return located(text, err)
	}
	d.tx = tx
	return nil
}

// prepare bounds the waiting of a transaction, and states in it which data may be
// lost. It refuses one that is not in the session that holds the lock.
func (s *session) prepare(ctx context.Context, tx pgx.Tx) error {
	const statement = `SELECT pg_catalog.pg_backend_pid(), pg_catalog.set_config('lock_timeout', $1, true), pg_catalog.set_config('romashka.with_data', $2, true)`
	var process uint32
	var ignored string
	err := tx.QueryRow(ctx, statement, fmt.Sprintf("%dms", s.opts.LockTimeout.Milliseconds()), onOff(s.opts.WithData)).Scan(&process, &ignored, &ignored)
	if err == nil && process != s.process {
		return &service.PoolerError{Setting: "romashka-db-direct-uri", Need: service.Session, Keeps: service.Transaction}
	}
	return err
}

// SetVersion writes the history. golang-migrate calls it before Run with dirty
// set, which is only remembered here, and after Run without; alone, it
// is a Force.
func (d *driver) SetVersion(version int, dirty bool) error {
	if dirty {
		from, _, err := d.Version()
		d.from, d.target, d.started = from, version, time.Now()
		return err
	}
	if d.tx == nil { // Force, or a migration without text
		tx, err := d.s.conn.Begin(d.ctx)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		d.tx = tx
	}
	if err := d.record(version); err != nil {
		return err
	}
	if err := d.tx.Commit(d.ctx); err != nil {
		return fmt.Errorf("commit migration: %w", err)
	}
	d.tx = nil
	if !d.forced() {
		d.s.done(d.ctx, Step{Name: d.name(), Down: d.target < d.from, Elapsed: time.Since(d.started)})
	}
	if len(d.later) > 0 { // now: the next migration may want to drop them
		_, err := d.s.buildIndexes(d.ctx)
		return err
	}
	return nil
}

// forced reports whether SetVersion was called alone.
func (d *driver) forced() bool { return d.started.IsZero() }

// record takes the history from d.from to version: one step, unless forced.
func (d *driver) record(version int) error {
	if err := d.s.deleteAfter(d.ctx, d.tx, version); err != nil {
		return err
	}
	if err := d.s.noteLater(d.ctx, d.tx, version, d.later); err != nil {
		return err
	}
	for _, m := range d.s.plan {
		if int(m.Version) == version || d.forced() && int(m.Version) < version {
			if err := d.s.record(d.ctx, d.tx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// name is that of the migration between d.from and d.target.
func (d *driver) name() string {
	for _, m := range d.s.plan {
		if int(m.Version) == max(d.from, d.target) {
			return m.Name()
		}
	}
	return strconv.Itoa(max(d.from, d.target))
}

// done passes a step on to the function that shows it.
func (s *session) done(ctx context.Context, step Step) {
	s.opts.Logger.DebugContext(ctx, "schema changed", "step", step.Name, "down", step.Down, "dur_ms", step.Elapsed.Milliseconds())
	s.opts.Progress(step)
}

// The rest of the interface is never called: a session is opened, closed and
// dropped by others.

func (d *driver) Open(string) (database.Driver, error) { return nil, errors.ErrUnsupported }
func (d *driver) Close() error                         { return nil }
func (d *driver) Drop() error                          { return errors.ErrUnsupported }

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
