package migrator_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/sql/supabase"
)

// withdrawDefaults withdraws the default grants, as Supabase has done in older
// projects since 2026-10-30.
func withdrawDefaults(t testing.TB, url string) {
	t.Helper()
	text, err := supabase.Files.ReadFile("25_no_default_grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	script(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), string(text))
}

// grants are the lines of schema that are about grants.
func grants(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	var list []string
	for _, line := range schema(t, conn) {
		if strings.HasPrefix(line, "grant ") {
			list = append(list, line)
		}
	}
	return list
}

// unreadable are the relations of the API that a role may not read.
func unreadable(t testing.TB, conn *pgx.Conn, role string) string {
	t.Helper()
	return value[string](t, conn, `
		SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT has_any_column_privilege($1, oid, 'SELECT')`, role)
}

// askAs runs the queries of the README's first lines, as a role of the API. The
// functions read base tables with the rights of their caller.
func askAs(t testing.TB, conn *pgx.Conn, role, claims string) {
	t.Helper()
	err := pgx.BeginFunc(context.Background(), conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, role, claims)
		for _, query := range []string{
			"SELECT i.*, p.email FROM public.security_incidents AS i LEFT JOIN public.profiles AS p ON p.id = i.user_id",
			"SELECT * FROM public.get_security_metrics()",
			"SELECT * FROM public.get_analytics_dashboard_data()",
			"SELECT * FROM public.get_next_ai_response_job()",
		} {
			if err == nil {
				_, err = tx.Exec(context.Background(), query)
			}
		}
		return err
	})
	if err != nil {
		t.Errorf("as %s: %v", role, err)
	}
}

// The objects of the migrations have the same grants in a project of any time,
// in one whose default privileges have changed in between, and in one that
// grants nothing at all by default, not even functions to PUBLIC.
func TestGrantsInProjectsOfAnyTime(t *testing.T) {
	t.Parallel()
	strict := bareSupabase(t, devdb.NoGrants)
	exec(t, pgtest.Conn(t, strict), "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
	between := bootstrappedWith(t, devdb.GrantAll)
	withdrawDefaults(t, between)
	for _, tt := range []struct {
		name, url string
		push      bool
	}{
		{"today", bareSupabase(t, devdb.NoGrants), true},
		{"older", bareSupabase(t, devdb.GrantAll), true},
		{"nothing to PUBLIC", strict, true},
		{"older, with the defaults of today", between, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.push {
				push(t, tt.url, supabaseMigrations(t))
			} else {
				up(t, newMigrator(t, tt.url, migrator.Options{}))
			}
			if p := planFor(t, tt.url); len(p.Drift) != 0 || len(p.Migrations) != 0 {
				t.Errorf("to do: %v, drift: %v", p.Migrations, p.Drift)
			}
			conn := pgtest.Conn(t, tt.url)
			for _, role := range []string{"authenticated", "service_role"} {
				if got := unreadable(t, conn, role); got != "" {
					t.Errorf("%s may not read %s", role, got)
				}
			}
			for function, callers := range map[string]string{
				"get_security_metrics()": "authenticated service_role", "get_analytics_dashboard_data()": "authenticated service_role",
				"cleanup_old_analytics_data(integer)": "service_role", "get_next_ai_response_job()": "anon authenticated service_role",
			} {
				if got := value[string](t, conn, `SELECT coalesce(string_agg(role, ' ' ORDER BY role), '')
					FROM unnest('{anon,authenticated,service_role}'::text[]) AS role WHERE has_function_privilege(role, $1, 'EXECUTE')`, "public."+function); got != callers {
					t.Errorf("%s is for %q, want %q", function, got, callers)
				}
			}
			askAs(t, conn, "authenticated", `{"role": "authenticated", "sub": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}`)
			askAs(t, conn, "service_role", `{"role": "service_role"}`)
			if got := value[int](t, conn, "SELECT count(*)::int FROM romashka.base_additions WHERE what = 'grant'"); got != 0 {
				t.Errorf("%d base tables were granted that had grants", got)
			}
		})
	}
	t.Run("an older project keeps its grants", func(t *testing.T) {
		t.Parallel()
		url := bootstrappedWith(t, devdb.GrantAll)
		exec(t, pgtest.Conn(t, url), "REVOKE ALL ON public.oauth_tokens FROM anon, authenticated, service_role") // as somebody chose
		conn := pgtest.Conn(t, url)
		want := grants(t, conn)
		withdrawDefaults(t, url)
		up(t, newMigrator(t, url, migrator.Options{}))
		got := map[string]bool{}
		for _, line := range grants(t, conn) {
			got[line] = true
		}
		for _, line := range want {
			if !got[line] {
				t.Errorf("lost: %s", line)
			}
		}
		if unreadable(t, conn, "service_role") != "oauth_tokens" {
			t.Errorf("not for service_role: %s", unreadable(t, conn, "service_role"))
		}
	})
}

// A project into which the base file was pushed before it stated any grants is
// mended, and the way down takes back just that.
func TestGrantsOfAnUngrantedBase(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, "REVOKE SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM anon, authenticated, service_role")
	exec(t, conn, "ALTER TABLE public.integrations DISABLE ROW LEVEL SECURITY") // it must not be opened
	bare := grants(t, conn)
	m := newMigrator(t, url, migrator.Options{})
	up(t, m)
	for role, want := range map[string]string{"authenticated": "integrations", "service_role": "integrations"} {
		if got := unreadable(t, conn, role); got != want {
			t.Errorf("%s may not read %s; want %s", role, got, want)
		}
	}
	if got := value[bool](t, conn, "SELECT has_table_privilege('anon', 'public.agent_performance_metrics', 'SELECT')"); got {
		t.Error("anon reads the view of all agents")
	}
	up(t, m)
	status, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Down(ctx, len(status.Migrations)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bare, grants(t, conn)); diff != "" {
		t.Errorf("down leaves (-before +after):\n%s", diff)
	}
}

// published are the tables of the publication.
func published(t testing.TB, conn *pgx.Conn) string {
	t.Helper()
	return value[string](t, conn, "SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_publication_tables WHERE pubname = 'supabase_realtime' AND schemaname = 'public'")
}

func TestPublication(t *testing.T) {
	t.Parallel()
	const evidence = " security_alerts security_incidents security_sessions"
	const all = "conversations messages" + evidence + " typing_indicators"
	for _, tt := range []struct {
		name, prepare string // as the superuser
		want, after   string // once applied, and once taken back
	}{
		{"a new project", "", all, ""},
		{"one table is there", "ALTER PUBLICATION supabase_realtime ADD TABLE public.messages", all, "messages"},
		{"no publication", "DROP PUBLICATION supabase_realtime", "", ""},
		{"a table is missing", "DROP TABLE public.typing_indicators", "conversations messages" + evidence, ""},
		{"a table without a key", "ALTER TABLE public.typing_indicators DROP CONSTRAINT typing_indicators_pkey", "conversations messages" + evidence, ""},
		{"whole rows as identity", "ALTER TABLE public.typing_indicators DROP CONSTRAINT typing_indicators_pkey; ALTER TABLE public.typing_indicators REPLICA IDENTITY FULL", all, ""},
		{"a foreign publication", "ALTER PUBLICATION supabase_realtime OWNER TO supabase_admin", "", ""},
		{"all tables", "DROP PUBLICATION supabase_realtime; CREATE PUBLICATION supabase_realtime FOR ALL TABLES", "*", "*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			url := bootstrapped(t)
			conn := pgtest.Conn(t, url)
			script(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), tt.prepare)
			m := newMigrator(t, url, migrator.Options{})
			up(t, m)
			if got := published(t, conn); got != tt.want && tt.want != "*" {
				t.Errorf("published: %q, want %q", got, tt.want)
			}
			if err := m.Force(ctx, 0); err != nil { // the files again, as after a lost history
				t.Fatal(err)
			}
			up(t, m)
			if got := published(t, conn); got != tt.want && tt.want != "*" {
				t.Errorf("published after a second time: %q, want %q", got, tt.want)
			}
			status, err := m.Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Down(ctx, len(status.Migrations)); err != nil {
				t.Fatal(err)
			}
			if got := published(t, conn); got != tt.after && tt.after != "*" {
				t.Errorf("published after the way down: %q, want %q", got, tt.after)
			}
		})
	}
}
