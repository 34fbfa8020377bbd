package migrator_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/sql"
)

// line is a row as text; NULL is "-".
func line(t testing.TB, tx interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}, query string) string {
	t.Helper()
	var got string
	err := tx.QueryRow(context.Background(), "SELECT array_to_string(array(SELECT COALESCE(v, '-') FROM json_each_text(row_to_json(f)) AS j(k, v)), ' ') FROM ("+query+") AS f").Scan(&got)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

func lineAs(t testing.TB, url, person, query string) (got string) {
	t.Helper()
	err := actAs(t, url, person, func(tx pgx.Tx) error {
		got = line(t, tx, query)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The sample's true numbers: for the admin all, for a user his own, and NULL,
// not a made-up score, where there is nothing.
func TestSecurityMetrics(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	const metrics = "SELECT * FROM public.get_security_metrics()"
	if got, want := lineAs(t, url, anna, metrics), "0 0 - -"; got != want {
		t.Errorf("empty: %s, want %s", got, want)
	}
	m := newMigrator(t, url, migrator.Options{SampleOwner: "alice@people.test"})
	for range 2 { // the second adds nothing
		if err := m.LoadSample(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	const counts = "SELECT string_agg(row_count::text, ' ') FROM (%s) AS c"
	check, err := sql.Verify.ReadFile("verify/sample.sql")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := value[string](t, owner, strings.Replace(counts, "%s", string(check), 1)), "3 3 5 7 7"; got != want {
		t.Errorf("sample rows: %s, want %s", got, want)
	}
	for person, want := range map[string]string{
		anna:  "2 2 75.00 -", // passed 100, 100, 100, warning 75, failed 0
		alice: "2 0 - -",
		bob:   "0 0 - -",
	} {
		if got := lineAs(t, url, person, metrics); got != want {
			t.Errorf("as %s: %s, want %s", person, got, want)
		}
	}
	exec(t, owner, "INSERT INTO public.api_security_logs (user_id, suspicious_activity) VALUES ($1, false), ($1, false), (NULL, true), (NULL, false)", alice)
	exec(t, owner, "INSERT INTO public.api_security_logs (suspicious_activity, timestamp) VALUES (true, now() - interval '2 days')")
	for person, want := range map[string]string{anna: "2 2 75.00 75.00", alice: "2 0 - 100.00"} {
		if got := lineAs(t, url, person, metrics); got != want {
			t.Errorf("with logs, as %s: %s, want %s", person, got, want)
		}
	}
	for person, want := range map[string]string{anna: "4 1 0.25", alice: "2 0 0"} {
		for hours, more := range map[string]string{"": want, "23": want, "72": map[string]string{anna: "5 2 0.4", alice: want}[person]} {
			query := "SELECT r.value AS a, s.value AS b, trim_scale(p.value) AS c FROM get_security_overview(" + hours + ") AS r, get_security_overview(" + hours + ") AS s, get_security_overview(" + hours +
				") AS p WHERE r.figure = 'requests' AND s.figure = 'suspicious_requests' AND p.figure = 'suspicious_request_rate'"
			if got := lineAs(t, url, person, query); got != more {
				t.Errorf("overview of %q hours, as %s: %s, want %s", hours, person, got, more)
			}
		}
	}
}

const dashboard = "SELECT * FROM public.get_analytics_dashboard_data()"

// On the deployed shape, from conversations, messages and the one of the 21
// columns that is ever written.
func TestDashboardOnDeployedShape(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	if got, want := lineAs(t, url, alice, dashboard), "0 - - - -"; got != want {
		t.Errorf("empty: %s, want %s", got, want)
	}
	exec(t, owner, `INSERT INTO public.conversations (id, status, created_at, satisfaction_rating) VALUES
		('00000000-0000-4000-8000-0000000000c1', 'active',   now() - interval '1 hour', NULL),
		('00000000-0000-4000-8000-0000000000c2', 'resolved', now() - interval '2 hours', 5),
		('00000000-0000-4000-8000-0000000000c3', 'closed',   now() - interval '3 hours', 2),
		('00000000-0000-4000-8000-0000000000c4', 'active',   now() - interval '3 days', 1)`)
	exec(t, owner, `INSERT INTO public.messages (conversation_id, sender_type, content, created_at)
		SELECT c.id, m.sender, 'x', c.created_at + m.later FROM public.conversations AS c, (VALUES
			('user', interval '0'), ('ai', interval '10 s'), ('agent', interval '100 s')) AS m (sender, later)
		WHERE c.id <> '00000000-0000-4000-8000-0000000000c3'`)
	exec(t, owner, "UPDATE public.conversation_analytics SET ai_accuracy_score = 0.9 WHERE conversation_id = '00000000-0000-4000-8000-0000000000c2'")
	// two active, one of them old; 10 s twice, one unanswered; 2 of 3; (5 + 2) / 2
	if got, want := lineAs(t, url, alice, dashboard), "2 10.00 0.6667 3.50 0.9000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	exec(t, owner, "SELECT romashka.refresh_daily_metrics((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date)")
	exec(t, owner, "SELECT romashka.refresh_daily_metrics((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date)")
	const daily = `SELECT sum(total_conversations), sum(ai_resolved_conversations), sum(human_resolved_conversations), sum(total_ratings), count(DISTINCT date) = count(*)
		FROM public.daily_metrics WHERE channel_type = 'all'`
	if got, want := line(t, owner, daily), "3 0 1 2 true"; got != want {
		t.Errorf("daily metrics: %s, want %s", got, want)
	}
}

// What the job keeps changes no figure, and what changed after it counts at once.
func TestDashboardOfKeptRows(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, `INSERT INTO public.conversations (id, status, created_at, satisfaction_rating) VALUES
		('00000000-0000-4000-8000-0000000000c1', 'active',   now() - interval '1 hour', NULL),
		('00000000-0000-4000-8000-0000000000c2', 'resolved', now() - interval '2 hours', 5),
		('00000000-0000-4000-8000-0000000000c3', 'active',   'infinity', 1),
		('00000000-0000-4000-8000-0000000000c4', 'active',   now() - interval '3 days', 1)`)
	exec(t, owner, `INSERT INTO public.messages (conversation_id, sender_type, content, created_at)
		SELECT c.id, 'ai', 'x', c.created_at + interval '10 s' FROM public.conversations AS c`)
	for _, step := range []struct{ change, want string }{
		{"SELECT", "3 10.00 0.5000 5.00 -"},
		{"UPDATE public.conversation_analytics SET ai_accuracy_score = 0.8 WHERE conversation_id = '00000000-0000-4000-8000-0000000000c2'", "3 10.00 0.5000 5.00 0.8000"},
		{"UPDATE public.conversation_analytics SET first_response_at = started_at + interval '30 s' WHERE conversation_id = '00000000-0000-4000-8000-0000000000c2'", "3 20.00 0.5000 5.00 0.8000"},
		{"UPDATE public.messages SET created_at = 'infinity' WHERE conversation_id = '00000000-0000-4000-8000-0000000000c1'", "3 30.00 0.5000 5.00 0.8000"},
		{"UPDATE public.conversations SET created_at = now() - interval '25 hours' WHERE id = '00000000-0000-4000-8000-0000000000c1'", "3 30.00 1.0000 5.00 0.8000"},
		{"DELETE FROM public.conversations WHERE id = '00000000-0000-4000-8000-0000000000c2'", "3 - - - -"},
		{"INSERT INTO public.conversations (status, created_at, satisfaction_rating) VALUES ('closed', now(), 4)", "3 - 1.0000 4.00 -"},
	} {
		exec(t, owner, step.change)
		for _, when := range []string{"before", "after"} {
			if got := lineAs(t, url, alice, dashboard); got != step.want {
				t.Errorf("%s the job, %s: %s, want %s", when, step.change, got, step.want)
			}
			for value[bool](t, owner, "SELECT more FROM romashka.refresh_kpi()") || !value[bool](t, owner, "SELECT ready AND dashboard_since IS NOT NULL FROM romashka.kpi_state") {
				runtime.Gosched() // until transactions that are older than the queue have ended
			}
		}
	}
}

// The shape that the seed assumes is found out when the function is applied,
// and again when it has changed.
func TestDashboardOnAssumedShape(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, "ALTER TABLE public.conversation_analytics ADD COLUMN avg_response_time_seconds integer, ADD COLUMN resolution_status text")
	m := newMigrator(t, url, migrator.Options{})
	status, err := m.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := []migrator.Function{
		{Signature: "romashka.kpi_read_facts(uuid[], timestamp with time zone, timestamp with time zone)", State: "outdated"},
		{Signature: "romashka.read_dashboard_rows(uuid[], timestamp with time zone)", State: "outdated"},
	}
	changed := slices.DeleteFunc(status.Functions, func(f migrator.Function) bool { return f.State == "current" })
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("after the base has changed (-want +got):\n%s", diff)
	}
	up(t, m)
	exec(t, owner, "INSERT INTO public.conversations (id, status) VALUES ('00000000-0000-4000-8000-0000000000c1', 'active'), ('00000000-0000-4000-8000-0000000000c2', 'active')")
	exec(t, owner, "UPDATE public.conversation_analytics SET avg_response_time_seconds = 30, resolution_status = 'resolved' WHERE conversation_id = '00000000-0000-4000-8000-0000000000c1'")
	exec(t, owner, "UPDATE public.conversation_analytics SET avg_response_time_seconds = 60, resolution_status = 'open' WHERE conversation_id = '00000000-0000-4000-8000-0000000000c2'")
	if got, want := lineAs(t, url, alice, dashboard), "2 45.00 0.5000 - -"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	exec(t, owner, `INSERT INTO public.security_sessions (session_token, is_active, created_at, last_activity, ended_at) VALUES
		('old, alive', true,  now() - interval '1 year', now() - interval '1 year', NULL),
		('old, ended', false, now() - interval '1 year', now() - interval '1 year', now() - interval '100 days'),
		('old, ended lately', false, now() - interval '1 year', now() - interval '1 year', now() - interval '10 days')`)
	exec(t, owner, "INSERT INTO public.api_security_logs (timestamp) SELECT now() - interval '31 days' FROM generate_series(1, 10007)")
	exec(t, owner, "INSERT INTO public.api_security_logs (timestamp) VALUES (now() - interval '29 days')")
	exec(t, owner, "INSERT INTO public.advanced_metrics (metric_type, created_at) VALUES ('kept', now() - interval '1 year')")
	exec(t, owner, "UPDATE public.data_retention_policies SET auto_delete = false WHERE data_category = 'advanced_metrics'")

	const cleanup = "SELECT string_agg(table_name || ' ' || deleted_rows, ', ') AS deleted FROM public.cleanup_old_analytics_data"
	if got, want := line(t, owner, cleanup+"(7)"), "api_security_logs 7, security_sessions 1, sentiment_analysis 0, predictive_analytics 0"; got != want {
		t.Errorf("bounded: %s, want %s", got, want)
	}
	if got, want := line(t, owner, cleanup+"()"), "api_security_logs 10000, security_sessions 0, sentiment_analysis 0, predictive_analytics 0"; got != want {
		t.Errorf("all: %s, want %s", got, want)
	}
	if got := value[string](t, owner, "SELECT string_agg(session_token, '; ' ORDER BY session_token) FROM public.security_sessions"); got != "old, alive; old, ended lately" {
		t.Errorf("sessions left: %s", got)
	}
	if got := value[int](t, owner, "SELECT (SELECT count(*) FROM public.api_security_logs)::int + (SELECT count(*) FROM public.advanced_metrics)::int"); got != 2 {
		t.Errorf("left = %d, want one young log and one kept metric", got)
	}
}

// The seed's VOID function gives way to ours; a grant that an admin made for a
// role of his own stays.
func TestFunctionOfAnotherSignature(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	owner := pgtest.Conn(t, url)
	exec(t, owner, testdata(t, "seed.sql"))
	exec(t, owner, "GRANT EXECUTE ON FUNCTION public.cleanup_old_analytics_data(), public.get_security_metrics() TO dashboard_user")
	up(t, newMigrator(t, url, migrator.Options{}))
	const signatures = `SELECT string_agg(oid::regprocedure || ' returns ' || pg_get_function_result(oid), '; ') FROM pg_proc WHERE proname = 'cleanup_old_analytics_data'`
	if got, want := value[string](t, owner, signatures), "cleanup_old_analytics_data(integer) returns TABLE(table_name text, deleted_rows bigint)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, f := range []string{"public.cleanup_old_analytics_data(integer)", "public.get_security_metrics()"} {
		if !value[bool](t, owner, "SELECT has_function_privilege('dashboard_user', $1, 'EXECUTE')", f) {
			t.Errorf("the admin's grant on %s is lost", f)
		}
		if value[bool](t, owner, "SELECT has_function_privilege('anon', $1, 'EXECUTE')", f) {
			t.Errorf("anon may still call %s", f)
		}
	}
}

// A changed text is applied again, the others are not; a changed result too.
func TestFunctionsAreRepeatable(t *testing.T) {
	t.Parallel()
	url, _ := migrated(t)
	text, err := functions.Files.ReadFile("get_security_metrics.sql")
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "api_security_score numeric\n", "api_security_score double precision\n", 1)
	var steps []string
	m := newMigrator(t, url, migrator.Options{
		Functions: fstest.MapFS{"get_security_metrics.sql": {Data: []byte(edited)}},
		Progress:  func(s migrator.Step) { steps = append(steps, s.Name) },
	})
	up(t, m)
	up(t, m)
	if diff := cmp.Diff([]string{"public.get_security_metrics()"}, steps); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
}
