package migrator_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The jobs alerts and journey are tried in internal/analytics/kpi.
const (
	runDue   = "SELECT string_agg(job || ': ' || result, ', ' ORDER BY job) AS done FROM romashka.run_due_jobs() WHERE job NOT IN ('alerts', 'journey')"
	makeDue  = "UPDATE romashka.jobs SET next_run = now()"
	jobState = "SELECT string_agg(name || ' ' || (next_run > now()) || ' ' || (last_run IS NOT NULL) || ' ' || COALESCE(last_failure, '-'), ', ' ORDER BY name) FROM romashka.jobs WHERE name NOT IN ('alerts', 'journey')"
)

func TestJobs(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	exec(t, owner, "INSERT INTO public.conversations (status, created_at) VALUES ('active', now()), ('resolved', now() - interval '300 days')")
	exec(t, owner, "INSERT INTO public.api_security_logs (timestamp) SELECT now() - interval '31 days' FROM generate_series(1, 3)")
	if got, want := line(t, owner, runDue), "daily_metrics: 2 days, kpi: 0 conversations, retention: 3 rows deleted"; got != want {
		t.Errorf("first: %s, want %s", got, want)
	}
	if got, want := line(t, owner, runDue), "kpi: 2 conversations"; got != want {
		t.Errorf("now that changes are noted: %s, want %s", got, want)
	}
	if got := line(t, owner, runDue); got != "-" {
		t.Errorf("nothing is due, and it did %s", got)
	}
	if got, want := value[string](t, owner, jobState), "daily_metrics true true -, kpi true true -, partitions true true -, realtime true true -, retention true true -"; got != want {
		t.Errorf("after a run: %s, want %s", got, want)
	}
	exec(t, owner, makeDue)
	if got, want := line(t, owner, runDue), "daily_metrics: 1 days, kpi: 0 conversations, retention: 0 rows deleted"; got != want {
		t.Errorf("again: %s, want %s", got, want)
	}
	exec(t, owner, "UPDATE romashka.jobs SET next_run = 'infinity'")
	if got := line(t, owner, runDue); got != "-" {
		t.Errorf("all are off, and it did %s", got)
	}
}

// A job that fails does not take the next one with it, and is tried again.
func TestJobFails(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, "ALTER TABLE public.daily_analytics RENAME COLUMN resolution_rate TO rate")
	exec(t, owner, "INSERT INTO public.conversations (status) VALUES ('active')")
	got := line(t, owner, runDue)
	if !strings.HasPrefix(got, "daily_metrics: failed: column \"resolution_rate\"") || !strings.HasSuffix(got, "retention: 0 rows deleted") {
		t.Errorf("with a fault: %s", got)
	}
	const soon = "SELECT next_run < now() + interval '11 minutes' AND last_run IS NULL AND last_failure LIKE 'column%' FROM romashka.jobs WHERE name = 'daily_metrics'"
	if !value[bool](t, owner, soon) {
		t.Errorf("the failure is not in the history: %s", value[string](t, owner, jobState))
	}
	if n := value[int](t, pgtest.Conn(t, url), "SELECT count(*)::int FROM public.daily_metrics"); n != 0 {
		t.Errorf("%d rows of the job that failed", n)
	}
	exec(t, owner, "ALTER TABLE public.daily_analytics RENAME COLUMN rate TO resolution_rate")
	exec(t, owner, makeDue)
	line(t, owner, runDue)
	if got, want := value[string](t, owner, jobState), "daily_metrics true true -, kpi true true -, partitions true true -, realtime true true -, retention true true -"; got != want {
		t.Errorf("after the mend: %s, want %s", got, want)
	}
}

// Two replicas at once: a job that one runs is skipped by the other.
func TestJobsOfReplicas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := peopled(t)
	other := pgtest.Conn(t, url)
	for range 2 { // kpi has all there is after two runs
		line(t, owner, runDue)
	}
	exec(t, owner, makeDue)
	err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		if got := line(t, tx, runDue); got == "-" {
			t.Error("the first replica has nothing to do")
		}
		if got := line(t, other, runDue); got != "-" {
			t.Errorf("the second replica did %s", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := line(t, other, runDue); got != "-" {
		t.Errorf("the second replica did again %s", got)
	}
}

// The API's roles run no job; a login of the sidecar's own does, with two grants.
func TestWhoRunsJobs(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	const run = "SELECT * FROM romashka.run_due_jobs()"
	for _, role := range []string{"anon", "authenticated", "service_role"} {
		for _, query := range []string{run, "SELECT * FROM romashka.jobs", "SELECT * FROM romashka.two_factor_secrets", "SELECT * FROM romashka.api_key_hashes"} {
			if _, err := asRole(t, url, role, query); sqlstate(err) != "42501" {
				t.Errorf("%s: %s: %v", role, query, err)
			}
		}
	}
	err := pgx.BeginFunc(context.Background(), owner, func(tx pgx.Tx) error {
		exec(t, tx.Conn(), "CREATE ROLE test_worker")
		exec(t, tx.Conn(), "GRANT USAGE ON SCHEMA romashka TO test_worker")
		exec(t, tx.Conn(), "GRANT EXECUTE ON FUNCTION romashka.run_due_jobs() TO test_worker")
		exec(t, tx.Conn(), "GRANT test_worker TO CURRENT_USER")
		exec(t, tx.Conn(), "SET LOCAL ROLE test_worker")
		if got, want := line(t, tx, runDue), "daily_metrics: 0 days, kpi: 0 conversations, retention: 0 rows deleted"; got != want {
			t.Errorf("a login of the sidecar's own: %s, want %s", got, want)
		}
		return tx.Rollback(context.Background()) // roles belong to the whole server
	})
	if err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		t.Fatal(err)
	}
}

// A timetable from before jobs were claimed keeps an admin's settings; roles
// that could run the jobs still can, and a job of the admin's own is left alone.
func TestJobsOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	status, err := newMigrator(t, url, migrator.Options{}).Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(status.Migrations, func(m migrator.Migration) bool { return m.Version == 20261129010000 })
	up(t, newMigrator(t, url, migrator.Options{Migrations: firstMigrations(t, before), Functions: fstest.MapFS{}}))
	owner := pgtest.Conn(t, url)
	exec(t, owner, "UPDATE romashka.jobs SET every = '2 hours', next_run = 'infinity', last_result = 'x' WHERE name = 'retention'")
	exec(t, owner, "INSERT INTO romashka.jobs (name, every) VALUES ('own', '1 day')")
	exec(t, owner, "CREATE FUNCTION romashka.run_due_jobs() RETURNS TABLE (job text, result text) LANGUAGE sql AS $$SELECT 'a', 'b'$$")
	exec(t, owner, "GRANT EXECUTE ON FUNCTION romashka.run_due_jobs() TO dashboard_user")
	up(t, newMigrator(t, url, migrator.Options{}))
	const rows = "SELECT string_agg(concat_ws(' ', name, every, next_run = 'infinity', COALESCE(function, '-'), last_result), ', ' ORDER BY name) FROM romashka.jobs WHERE name IN ('daily_metrics', 'own', 'retention')"
	if got, want := value[string](t, owner, rows), "daily_metrics 01:00:00 f job_daily_metrics, own 1 day f -, retention 02:00:00 t job_retention x"; got != want {
		t.Errorf("timetable: %s, want %s", got, want)
	}
	if got := line(t, owner, runDue); got != "daily_metrics: 0 days, kpi: 0 conversations" {
		t.Errorf("it did %s", got)
	}
	const may = "SELECT has_function_privilege('dashboard_user', 'romashka.claim_job(text, interval, text[], text)', 'EXECUTE') AND has_table_privilege('dashboard_user', 'romashka.job_runs', 'SELECT')"
	if !value[bool](t, owner, may) {
		t.Error("a login that could run the jobs cannot any more")
	}
}
