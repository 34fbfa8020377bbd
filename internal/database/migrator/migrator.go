package migrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/migrations"
)

// Options change the work of a Migrator; the zero value is right for production.
type Options struct {
	Logger *slog.Logger // default: discards

	// Progress is called after each migration and each function, from the
	// goroutine that called Up or Down.
	Progress func(Step)

	// IndexProgress is called while an index is built concurrently, a few times a
	// second, from another goroutine, and once when it ended; nil: nobody looks.
	IndexProgress func(IndexProgress)

	// WithData lets Down drop tables that have rows.
	WithData bool

	// Setting is the one that gave the connection string, for messages; default
	// romashka-db-direct-uri.
	Setting string

	// SampleOwner is the email of the profile that LoadSample attaches its
	// rows to; by default the oldest profile, as in the seed.
	SampleOwner string

	// LockTimeout bounds how long one statement waits for a lock while others
	// queue behind it; then the migration is rolled back and tried again.
	LockTimeout time.Duration // default 5 s
	LockRetries int           // default 10

	// LargeTable is the size from which on an existing table gets its new
	// indexes concurrently, in a step after the migration: in bytes, with all
	// that belongs to it; default 64 MB.
	LargeTable int64

	// SupabaseHistory says whether the supabase CLI's own history is kept, too;
	// default SupabaseAuto. Other Migrations than the default have none.
	SupabaseHistory SupabaseHistory

	Migrations fs.FS // default migrations.Files
	Functions  fs.FS // default functions.Files
}

// Step is one thing done.
type Step struct {
	Name    string // "20261123000200_seed_tables", "index idx_..." or "public.get_security_metrics()"
	Down    bool
	Elapsed time.Duration
}

// Migrator changes the schema of one database.
type Migrator struct {
	db   *service.Database
	opts Options
	plan []Migration // in order of version, without state
	fns  []FunctionFile

	supabase []cliFile // the same as files of the supabase CLI
}

// New reads the migrations and functions; it does not connect. An unreadable
// connString is an error that does not repeat it.
func New(connString string, o Options) (*Migrator, error) {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	o.LockTimeout = cmp.Or(o.LockTimeout, 5*time.Second)
	o.LockRetries = cmp.Or(o.LockRetries, 10)
	o.LargeTable = cmp.Or(o.LargeTable, 64<<20)
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	o.SupabaseHistory = cmp.Or(o.SupabaseHistory, SupabaseAuto)
	var cli []cliFile
	if o.Migrations == nil && o.Functions == nil {
		cli = readSupabaseFiles(migrations.SupabaseFiles)
	}
	if o.Migrations == nil {
		o.Migrations = migrations.Files
	}
	if o.Functions == nil {
		o.Functions = functions.Files
	}
	m := &Migrator{opts: o, supabase: cli}
	var err error
	m.db, err = service.New(service.Options{
		URI: connString, Setting: cmp.Or(o.Setting, "romashka-db-direct-uri"), Name: "romashka-migrator", Notice: m.notice,
		Mode: pgx.QueryExecModeDescribeExec, // the columns of a statement may change from one migration to the next
	})
	if err != nil {
		return nil, err
	}
	if m.plan, err = ReadMigrations(o.Migrations); err != nil {
		return nil, err
	}
	if m.fns, err = ReadFunctions(o.Functions); err != nil {
		return nil, err
	}
	return m, nil
}

// Up applies every pending migration, each followed by the indexes that it has
// left for later, and every changed function, then notifies PostgREST and the
// sidecar to reload their schema caches. If something that it needs is missing
// or in the way, it returns a *RefusedError before it changes anything, and an
// *UnknownError where the schema is of a newer release. With
// nothing to do it does nothing.
//
// Two at once wait for each other. After a failure or a crash, finished
// migrations stay, others have left no trace, and Up goes on from there.
func (m *Migrator) Up(ctx context.Context) error {
	return m.exclusively(ctx, func(s *session) error {
		done, err := s.applied(ctx)
		if err != nil {
			return err
		}
		if err := s.known(done); err != nil {
			return err
		}
		pending := s.lacking(done)
		if len(pending) > 0 {
			if err := s.preflight(ctx); err != nil {
				return err
			}
		}
		if err := s.createHistory(ctx); err != nil {
			return err
		}
		built, err := s.buildIndexes(ctx) // that a crash has left
		if err != nil {
			return err
		}
		if err := s.migrate(ctx, (*migrate.Migrate).Up); err != nil {
			return err
		}
		applied, err := s.applyFunctions(ctx)
		if err != nil {
			return err
		}
		if err := s.keepSupabase(ctx); err != nil {
			return err
		}
		if len(pending)+built+applied == 0 {
			return nil
		}
		return s.reloadSchema(ctx)
	})
}

// Down takes back the last n migrations, and after the first of all also the
// functions. It refuses to drop a table with rows unless Options.WithData; migrations that
// it had taken back before it came to that one stay so, and Up brings them again.
func (m *Migrator) Down(ctx context.Context, n int) error {
	if n < 1 {
		return fmt.Errorf("migrate down: %d migrations, want 1 or more", n)
	}
	return m.exclusively(ctx, func(s *session) error {
		done, err := s.applied(ctx)
		if err != nil {
			return err
		}
		if err := s.known(done); err != nil {
			return err
		}
		if n > len(done) {
			return fmt.Errorf("migrate down: %d migrations, but only %d are applied", n, len(done))
		}
		if err := s.migrate(ctx, func(g *migrate.Migrate) error { return g.Steps(-n) }); err != nil {
			return err
		}
		if n == len(done) { // last, so that an error on the way leaves them
			if err := s.dropFunctions(ctx); err != nil {
				return err
			}
		}
		if err := s.keepSupabase(ctx); err != nil {
			return err
		}
		return s.reloadSchema(ctx)
	})
}

// Force writes into the history that exactly the migrations up to version are
// applied (0: none), and runs nothing. It is for a database whose schema was
// brought there by other means.
func (m *Migrator) Force(ctx context.Context, version uint) error {
	if version != 0 && !m.knows(version) {
		return fmt.Errorf("force: no migration %d", version)
	}
	return m.exclusively(ctx, func(s *session) error {
		if err := s.createHistory(ctx); err != nil {
			return err
		}
		return s.migrate(ctx, func(g *migrate.Migrate) error { return g.Force(signed(version)) })
	})
}

// migrate hands the session to golang-migrate for one act.
func (s *session) migrate(ctx context.Context, act func(*migrate.Migrate) error) error {
	files, err := iofs.New(s.opts.Migrations, ".")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	g, err := migrate.NewWithInstance("embedded", files, "postgres", newDriver(ctx, s))
	if err != nil {
		return fmt.Errorf("start migrations: %w", err)
	}
	err = act(g)
	_, short := errors.AsType[migrate.ErrShortLimit](err)
	switch {
	case errors.Is(err, migrate.ErrNoChange):
		return nil
	case short, errors.Is(err, os.ErrNotExist): // its text is about files, of which the binary needs none
		return errors.New("the history has migrations that this release of romashka does not have: use the release that brought them")
	}
	return err
}
