package migrator_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// tenTables are the seed's.
var tenTables = []string{
	"advanced_metrics", "api_security_logs", "business_intelligence", "compliance_results", "customer_journey",
	"predictive_analytics", "security_incidents", "security_sessions", "sentiment_analysis", "two_factor_auth",
}

func newMigrator(t testing.TB, url string, o migrator.Options) *migrator.Migrator {
	t.Helper()
	m, err := migrator.New(url, o)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	return m
}

// bootstrapped returns a bootstrapped database in which postgres may make schemas, as in
// every Supabase project; a database made from a template does not inherit that.
func bootstrapped(t testing.TB) string {
	t.Helper()
	return bootstrappedWith(t, devdb.NoGrants)
}

func bootstrappedWith(t testing.TB, d devdb.Defaults) string {
	t.Helper()
	url := pgtest.DressedWith(t, d)
	pgtest.MaySchemas(t, url)
	return url
}

// migrated returns a bootstrapped database with all migrations.
func migrated(t testing.TB) (url string, m *migrator.Migrator) {
	t.Helper()
	url = pgtest.Migrated(t, "postgres")
	return url, newMigrator(t, url, migrator.Options{})
}

// unpartitioned is migrated with a log that is one table, as Up leaves it, whatever the
// environment says.
func unpartitioned(t testing.TB) (url string, m *migrator.Migrator) {
	t.Helper()
	url, m = migrated(t)
	if err := m.UndoLogPartitions(context.Background()); err != nil {
		t.Fatalf("undo: %v", err)
	}
	return url, m
}

func up(t testing.TB, m *migrator.Migrator) {
	t.Helper()
	if err := m.Up(context.Background()); err != nil {
		t.Fatalf("up: %v", err)
	}
}

func pending(t testing.TB, m *migrator.Migrator) int {
	t.Helper()
	status, err := m.Status(context.Background())
	if err != nil {
		t.Fatalf("status: %v", err)
	}
	return status.Pending()
}

func exec(t testing.TB, conn *pgx.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), query, args...); err != nil {
		t.Fatalf("exec %.80s: %v", query, err)
	}
}

// value is the one value of a query.
func value[T any](t testing.TB, conn *pgx.Conn, query string, args ...any) T {
	t.Helper()
	rows, err := conn.Query(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("query %.80s: %v", query, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("query %.80s: %v", query, err)
	}
	return v
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// schema describes all that migrations make, so that two ways to it can be
// compared: columns, constraints, indexes, policies, triggers, grants, functions.
func schema(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), testdata(t, "schema.sql"))
	if err != nil {
		t.Fatalf("describe schema: %v", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("describe schema: %v", err)
	}
	return lines
}

func TestUpDownUp(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testUpDownUp)
}

func testUpDownUp(t *testing.T, d devdb.Defaults) {
	ctx := context.Background()
	url := bootstrappedWith(t, d)
	conn := pgtest.Conn(t, url)
	bare := schema(t, conn)
	var steps []string
	m := newMigrator(t, url, migrator.Options{Progress: func(s migrator.Step) { steps = append(steps, s.Name) }})
	total := pending(t, m)

	up(t, m)
	full := schema(t, conn)
	if got := pending(t, m); got != 0 {
		t.Errorf("pending after up = %d", got)
	}
	if len(steps) != total {
		t.Errorf("steps = %d, want one for each of %d pending", len(steps), total)
	}
	up(t, m) // nothing to do
	if len(steps) != total {
		t.Errorf("a second up did %v", steps[total:])
	}

	status, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Down(ctx, len(status.Migrations)); err != nil {
		t.Fatalf("down: %v", err)
	}
	if diff := cmp.Diff(bare, schema(t, conn)); diff != "" {
		t.Errorf("down to nothing leaves (-before +after):\n%s", diff)
	}
	if v, err := m.Version(ctx); v != 0 || err != nil {
		t.Errorf("version = %d, %v; want 0", v, err)
	}

	up(t, m)
	if diff := cmp.Diff(full, schema(t, conn)); diff != "" {
		t.Errorf("up again differs:\n%s", diff)
	}
}

// Every single way down is undone by the way up.
func TestDownOneByOne(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := unpartitioned(t)
	conn := pgtest.Conn(t, url)
	full := schema(t, conn)
	status, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range status.Migrations {
		if err := m.Down(ctx, 1); err != nil {
			t.Fatalf("down %d: %v", i+1, err)
		}
	}
	up(t, m)
	if diff := cmp.Diff(full, schema(t, conn)); diff != "" {
		t.Errorf("after all the way down, step by step, and up:\n%s", diff)
	}
}

// Files applied again, as the supabase CLI or a lost history would, change nothing.
func TestUpIsConvergent(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	full := schema(t, conn)
	if err := m.Force(ctx, 0); err != nil {
		t.Fatalf("force: %v", err)
	}
	exec(t, conn, "DELETE FROM romashka.functions")
	up(t, m)
	if diff := cmp.Diff(full, schema(t, conn)); diff != "" {
		t.Errorf("applied twice:\n%s", diff)
	}
}

// The seed's text asks its reader to paste the SQL into the editor. Coming after
// that, with the sample rows in place, ends in the same schema.
func TestUpOverPastedSeed(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testUpOverPastedSeed)
}

func testUpOverPastedSeed(t *testing.T, d devdb.Defaults) {
	clean := bootstrappedWith(t, d)
	up(t, newMigrator(t, clean, migrator.Options{}))
	want := schema(t, pgtest.Conn(t, clean))

	url := bootstrappedWith(t, d)
	conn := pgtest.Conn(t, url)
	exec(t, conn, testdata(t, "seed.sql"))
	exec(t, conn, testdata(t, "seed_sample.sql"))
	m := newMigrator(t, url, migrator.Options{})
	up(t, m)
	if diff := cmp.Diff(want, schema(t, conn)); diff != "" {
		t.Errorf("over the pasted seed:\n%s", diff)
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM public.security_sessions"); got != 3 {
		t.Errorf("sessions = %d, want the sample's 3", got)
	}
	if got := pending(t, m); got != 0 {
		t.Errorf("pending = %d", got)
	}
}

func TestHistoryIsNotExposed(t *testing.T) {
	t.Parallel()
	url, _ := migrated(t)
	conn := pgtest.Conn(t, url)
	for _, role := range []string{"anon", "authenticated", "service_role"} {
		// Functions with the caller's rights read the facts of figures, which a policy
		// shows to those who may read every conversation; nobody writes them.
		if value[bool](t, conn, "SELECT has_schema_privilege($1, 'romashka', 'USAGE')", role) != (role != "anon") {
			t.Errorf("%s may look into schema romashka, or may not", role)
		}
		got := value[[]string](t, conn, `SELECT COALESCE(array_agg(c.oid::regclass::text), '{}') FROM pg_class c
			WHERE relnamespace = 'romashka'::regnamespace AND relkind = 'r' AND has_table_privilege($1::name, c.oid, CASE
				WHEN $1::name <> 'anon' AND c.relname IN ('kpi_facts', 'kpi_cells', 'kpi_bins', 'kpi_cubes', 'kpi_pairs', 'kpi_previous', 'kpi_changes', 'kpi_state', 'status_changes', 'journeys', 'journey_queue', 'journey_state', 'journey_days', 'presence', 'figure_alerts', 'log_slots', 'log_usage', 'log_changes', 'log_state', 'dashboard_rows')
				THEN 'INSERT, UPDATE, DELETE' ELSE 'SELECT, INSERT, UPDATE, DELETE' END)`, role)
		if len(got) > 0 {
			t.Errorf("%s has privileges on %s", role, strings.Join(got, ", "))
		}
	}
}
