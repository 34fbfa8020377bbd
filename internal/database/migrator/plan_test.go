package migrator_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/ddl"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func planFor(t testing.TB, url string) migrator.Plan {
	t.Helper()
	p, err := newMigrator(t, url, migrator.Options{}).Plan(context.Background())
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return p
}

// A plan for an empty project: all of it, nothing in the way, and nothing done.
func TestPlanChangesNothing(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	before := schema(t, conn)
	p := planFor(t, url)
	if p.Version != 0 || p.Target == 0 || len(p.Migrations) == 0 || len(p.Functions) == 0 || len(p.Problems)+len(p.Drift) != 0 {
		t.Errorf("plan: version %d to %d, %d migrations, %d functions, problems %v, drift %v",
			p.Version, p.Target, len(p.Migrations), len(p.Functions), p.Problems, p.Drift)
	}
	if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
		t.Errorf("it has changed:\n%s", diff)
	}
	if _, err := json.Marshal(p); err != nil {
		t.Error(err)
	}
}

func TestPlanOfNothing(t *testing.T) {
	t.Parallel()
	url, _ := migrated(t)
	p := planFor(t, url)
	want := migrator.Plan{
		Version: p.Version, Target: p.Version, Problems: []migrator.Problem{},
		Migrations: []migrator.PlannedMigration{}, Functions: []migrator.Function{}, Drift: []migrator.Difference{},
	}
	if diff := cmp.Diff(want, p); diff != "" || p.Version == 0 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A table that is there already is shown with its size, and with the cost of a
// column that has a value of its own for each row.
func TestPlanOverOlderTable(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, "CREATE TABLE public.security_sessions (user_id uuid, session_token varchar(20), comment text)")
	exec(t, conn, "INSERT INTO public.security_sessions SELECT NULL, n::text FROM generate_series(1, 5000) AS n")
	exec(t, conn, "ANALYZE public.security_sessions")
	p := planFor(t, url)
	i := slices.IndexFunc(p.Migrations, func(m migrator.PlannedMigration) bool { return m.Title == "older_tables" })
	got := p.Migrations[i].Statements[0].Tables[0]
	if got.Bytes < 100_000 || got.Bytes > 1_000_000 {
		t.Errorf("bytes = %d", got.Bytes)
	}
	got.Bytes = 0
	want := migrator.PlannedTable{
		Table: "public.security_sessions", Lock: ddl.AccessExclusive, Blocks: "reads and writes", Rewrites: true, Rows: 5000,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantDrift := []migrator.Difference{
		{Object: "column public.security_sessions.comment", Fault: "foreign", Got: "text"},
		{Object: "column public.security_sessions.session_token", Fault: "differs", Want: "text", Got: "character varying(20)"},
	}
	if diff := cmp.Diff(wantDrift, p.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

// A reason for which Up would stop is in the plan, and in Up's error.
func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, "DROP TABLE public.conversation_analytics")
	exec(t, conn, "CREATE TABLE public.two_factor_auth (user_id uuid)")
	exec(t, conn, "INSERT INTO public.two_factor_auth VALUES (NULL)")
	var refused *migrator.RefusedError
	if err := newMigrator(t, url, migrator.Options{}).Up(context.Background()); !errors.As(err, &refused) {
		t.Fatalf("up: %v", err)
	}
	if diff := cmp.Diff(refused.Problems, planFor(t, url).Problems); diff != "" || len(refused.Problems) != 2 {
		t.Errorf("(-up +plan):\n%s", diff)
	}
}

// Every change by hand to an object of ours is reported, and Up mends the
// function.
func TestDrift(t *testing.T) {
	t.Parallel()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `
		ALTER TABLE public.security_incidents DROP COLUMN lessons_learned, ADD COLUMN ticket text;
		ALTER TABLE public.roles ALTER COLUMN name TYPE varchar(30), DISABLE ROW LEVEL SECURITY;
		ALTER TABLE public.compliance_results DROP CONSTRAINT compliance_results_status_check;
		ALTER TABLE public.profiles DISABLE TRIGGER romashka_guard_profile_role;
		ALTER TABLE public.profiles ADD COLUMN not_ours text;
		ALTER TABLE public.security_incidents ENABLE REPLICA TRIGGER romashka_stamp_evidence;
		ALTER TABLE public.security_sessions ENABLE ALWAYS TRIGGER romashka_stamp_evidence;
		DROP INDEX public.idx_api_security_logs_user_id;
		CREATE POLICY "Everybody" ON public.api_keys USING (true);
		DROP POLICY "Admins see alerts" ON public.security_alerts;
		CREATE POLICY "Admins see alerts" ON public.security_alerts FOR SELECT TO authenticated USING (true);
		GRANT SELECT ON public.two_factor_auth TO anon;
		GRANT SELECT ON public.two_factor_auth TO pg_monitor;
		CREATE OR REPLACE FUNCTION romashka.has_role(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE
		  SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$ SELECT true $$;
		CREATE OR REPLACE FUNCTION public.get_security_metrics() RETURNS TABLE (active_sessions integer, recent_incidents integer,
		  compliance_score numeric, api_security_score numeric) LANGUAGE sql STABLE AS $$ SELECT 1, 2, 3.0, 4.0 $$;
		CREATE FUNCTION romashka.helper() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
		CREATE FUNCTION public.not_ours() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
		CREATE TABLE public.not_ours ();
		UPDATE romashka.schema_migrations SET checksum = 'other' WHERE title = 'retention'`)
	var got []string
	for _, d := range planFor(t, url).Drift {
		got = append(got, d.Object+" "+d.Fault)
	}
	slices.Sort(got)
	want := []string{
		"column grant on public.security_incidents to authenticated differs",
		"column public.roles.name differs",
		"column public.security_incidents.lessons_learned missing",
		"column public.security_incidents.ticket foreign",
		"constraint compliance_results_status_check on public.compliance_results missing",
		"function grant on romashka.helper() to PUBLIC foreign",
		"function public.get_security_metrics() differs",
		"function romashka.has_role(text[]) differs",
		"function romashka.helper() foreign",
		"grant on public.two_factor_auth to anon foreign",
		"index idx_api_security_logs_user_id on public.api_security_logs missing",
		"migration 20261123001400_retention differs",
		"policy Admins see alerts on public.security_alerts differs",
		"policy Everybody on public.api_keys foreign",
		"table public.roles differs",
		"trigger romashka_guard_profile_role on public.profiles differs",
		"trigger romashka_stamp_evidence on public.security_incidents differs",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	status, err := m.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if n := slices.IndexFunc(status.Functions, func(f migrator.Function) bool { return f.State == "edited" }); status.Pending() != 1 || n < 0 {
		t.Errorf("status: %+v", status.Functions)
	}
	up(t, m)
	for _, d := range planFor(t, url).Drift {
		if strings.Contains(d.Object, "get_security_metrics") {
			t.Errorf("after up: %v", d)
		}
	}
}

// A policy of the seed that was mended and is pasted again is foreign now.
func TestDriftAfterThePaste(t *testing.T) {
	t.Parallel()
	url, _ := migrated(t)
	exec(t, pgtest.Conn(t, url), `CREATE POLICY "Users can manage own security sessions" ON public.security_sessions
		FOR ALL USING (auth.uid() = user_id)`)
	want := []migrator.Difference{{
		Object: "policy Users can manage own security sessions on public.security_sessions", Fault: "foreign",
		Got: "FOR ALL TO public USING (auth.uid() = user_id)",
	}}
	if diff := cmp.Diff(want, planFor(t, url).Drift); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Half way, applied objects are compared with their state at that version.
func TestDriftHalfWay(t *testing.T) {
	t.Parallel()
	url, m := migrated(t)
	if err := m.Down(context.Background(), 3); err != nil {
		t.Fatal(err)
	}
	if p := planFor(t, url); len(p.Migrations) != 3 || len(p.Drift) != 0 {
		t.Errorf("%d pending, drift %v", len(p.Migrations), p.Drift)
	}
}
