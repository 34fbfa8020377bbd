package migrator_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/ddl"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/migrations"
)

// lockModes are pg_locks' names. Read-only.
var lockModes = map[string]ddl.Lock{
	"AccessShareLock": ddl.AccessShare, "RowShareLock": ddl.RowShare, "RowExclusiveLock": ddl.RowExclusive,
	"ShareUpdateExclusiveLock": ddl.ShareUpdateExclusive, "ShareLock": ddl.Share,
	"ShareRowExclusiveLock": ddl.ShareRowExclusive, "ExclusiveLock": ddl.Exclusive, "AccessExclusiveLock": ddl.AccessExclusive,
}

// observed is PostgreSQL's view of a table in the transaction under way.
type observed struct {
	lock  ddl.Lock
	file  uint32 // another one after a rewrite
	scans int64
}

// observe looks at all tables that the transaction has locked.
func observe(t testing.TB, tx pgx.Tx) map[string]observed {
	t.Helper()
	rows, err := tx.Query(context.Background(), `
		SELECT format('%s.%s', n.nspname, c.relname), l.mode, pg_relation_filenode(c.oid), pg_stat_get_xact_numscans(c.oid)
		FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND n.nspname IN ('public', 'romashka')`)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]observed{}
	var name, mode string
	var o observed
	_, err = pgx.ForEachRow(rows, []any{&name, &mode, &o.file, &o.scans}, func() error {
		o.lock = max(lockModes[mode], seen[name].lock)
		seen[name] = o
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// baseline returns PostgreSQL's view of all tables before a migration. Scans are
// counted on from the transactions before it.
func baseline(t testing.TB, tx pgx.Tx) map[string]observed {
	t.Helper()
	rows, err := tx.Query(context.Background(), `SELECT format('%s.%s', schemaname, relname), pg_relation_filenode(relid),
		pg_stat_get_xact_numscans(relid) FROM pg_stat_user_tables`)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]observed{}
	var name string
	var o observed
	if _, err := pgx.ForEachRow(rows, []any{&name, &o.file, &o.scans}, func() error { seen[name] = o; return nil }); err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestPlanTellsTheTruth runs the planned statements, one at a time, and asks
// PostgreSQL after each which tables it has locked, rewritten and read.
func TestPlanTellsTheTruth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, url string)
	}{
		{"nothing", func(*testing.T, string) {}},
		{"the seed by hand", func(t *testing.T, url string) {
			t.Helper()
			conn := pgtest.Conn(t, url)
			exec(t, conn, testdata(t, "seed.sql"))
		}},
		{"all of it, without a history", func(t *testing.T, url string) {
			t.Helper()
			up(t, newMigrator(t, url, migrator.Options{}))
			exec(t, pgtest.Conn(t, url), "DELETE FROM romashka.schema_migrations")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := bootstrapped(t)
			tt.prepare(t, url)
			plan, err := newMigrator(t, url, migrator.Options{}).Plan(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			conn := pgtest.Conn(t, url)
			exec(t, conn, "SET search_path = ''")
			for _, m := range plan.Migrations {
				err := pgx.BeginFunc(context.Background(), conn, func(tx pgx.Tx) error {
					follow(t, tx, m)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// follow runs one migration and compares it with its plan.
func follow(t *testing.T, tx pgx.Tx, m migrator.PlannedMigration) {
	t.Helper()
	name := migrator.Migration{Version: m.Version, Title: m.Title}.Name()
	text, err := fs.ReadFile(migrations.Files, name+".up.sql")
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]ddl.Lock{} // locks add up until the commit
	maybe := map[string]bool{}
	seen := baseline(t, tx)
	for i, s := range ddl.Split(string(text)) {
		p := m.Statements[i]
		if p.Unknown || p.Line != s.Line {
			t.Fatalf("%s, line %d: not read: %s", name, s.Line, p.SQL)
		}
		tables := map[string]migrator.PlannedTable{}
		for _, table := range p.Tables {
			tables[table.Table] = table
			planned[table.Table] = max(planned[table.Table], table.Lock)
			maybe[table.Table] = maybe[table.Table] || table.Maybe
		}
		if _, err := tx.Exec(context.Background(), s.Text); err != nil {
			t.Fatalf("%s, line %d: %v", name, s.Line, err)
		}
		for table, now := range observe(t, tx) {
			was, existed := seen[table]
			if !existed { // made by this migration
				continue
			}
			where := name + ": " + p.SQL + ": " + table
			// Readers block nobody, and whether a key is looked up depends on rows.
			if want := planned[table]; max(now.lock, ddl.RowShare) != max(want, ddl.RowShare) && (!maybe[table] || now.lock > want) {
				t.Errorf("%s: locked %s, planned %s", where, now.lock, want)
			}
			// TRUNCATE gives a new file too, without a row to write.
			if rewritten := now.file != was.file && !strings.Contains(s.Text, "TRUNCATE"); rewritten != tables[table].Rewrites {
				t.Errorf("%s: rewritten: %v, planned: %v", where, rewritten, tables[table].Rewrites)
			}
			// A role's guard reads its catalogue, some thirty rows, as a trigger: no plan sees that.
			if now.scans > was.scans && !tables[table].Scans && table != "romashka.permissions" {
				t.Errorf("%s: was scanned", where)
			}
			seen[table] = now
		}
	}
}
