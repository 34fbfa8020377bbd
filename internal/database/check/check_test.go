package check_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/sql"
)

func exec(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("prepare: %v", err)
	}
}

func begin(t testing.TB, conn *pgx.Conn, o check.Options) *check.Runner {
	t.Helper()
	r, err := check.Begin(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(context.Background()) })
	return r
}

func password(t testing.TB, dbURL string) string {
	t.Helper()
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := u.User.Password()
	return text
}

// notAsked is the reason why a rule could not be asked.
func notAsked(t testing.TB, result check.Result) *check.UnaskedError {
	t.Helper()
	var e *check.UnaskedError
	if !errors.As(result.Err, &e) {
		t.Fatalf("%s: error %v, %d findings; want that it could not be asked", result.Rule.Name, result.Err, len(result.Findings))
	}
	return e
}

// The database's own settings for the API's login give the schemas and the roles
// of the API.
func TestScope(t *testing.T) {
	t.Parallel()
	uri := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, admin, `
		CREATE ROLE check_scope_login LOGIN NOINHERIT; CREATE ROLE check_scope_anon; CREATE ROLE check_scope_user; CREATE ROLE check_scope_server BYPASSRLS;
		GRANT check_scope_anon, check_scope_user, check_scope_server TO check_scope_login;
		DO $$ BEGIN EXECUTE format('ALTER ROLE check_scope_login IN DATABASE %I SET pgrst.db_schemas = ''shop, public''', current_database());
		            EXECUTE format('ALTER ROLE check_scope_login IN DATABASE %I SET pgrst.db_anon_role = ''check_scope_anon''', current_database()); END $$`)
	t.Cleanup(func() {
		_, _ = admin.Exec(context.Background(), "DROP OWNED BY check_scope_login; DROP ROLE check_scope_login, check_scope_anon, check_scope_user, check_scope_server",
			pgx.QueryExecModeSimpleProtocol)
	})
	for _, tt := range []struct {
		login string
		want  check.Scope
	}{
		{"check_scope_login", check.Scope{Schemas: []string{"shop", "public"}, Anon: "check_scope_anon", APIRoles: []string{"authenticated", "check_scope_anon", "check_scope_user"}}},
		{"authenticator", check.Scope{Schemas: []string{"api"}, Anon: "anon", APIRoles: []string{"anon", "authenticated"}}},
		{"check_scope_nobody", check.Scope{Schemas: []string{"api"}, Anon: "anon", APIRoles: []string{"anon", "authenticated"}}},
	} {
		r := begin(t, pgtest.Conn(t, uri), check.Options{Schemas: []string{"api"}, Login: tt.login})
		if diff := cmp.Diff(tt.want, r.Scope); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.login, diff)
		}
	}
}

// A rule that could not be run is listed as such, each kind with its reason, and
// does not keep the next rule from running.
func TestUnasked(t *testing.T) {
	t.Parallel()
	uri := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, admin, "CREATE ROLE check_unasked LOGIN PASSWORD '"+password(t, uri)+"'; CREATE TABLE public.held (id integer)")
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), "DROP ROLE check_unasked") })

	r := begin(t, pgtest.Conn(t, pgtest.As(t, uri, "check_unasked")), check.Options{Timeout: 200 * time.Millisecond})
	if e := notAsked(t, r.Ask(t.Context(), "anonymous_users")); e.Absent || !strings.Contains(e.Reason, "no right") {
		t.Errorf("a table that may not be read: %q", e.Reason)
	}
	if e := notAsked(t, r.Ask(t.Context(), "jobs")); !e.Absent || !strings.Contains(e.Reason, "romashka.jobs") {
		t.Errorf("a table that does not exist: %q", e.Reason)
	}
	if _, err := check.Query[struct{}](t.Context(), r, "SELECT FROM pg_sleep(60)"); err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("a statement that takes too long: %v", err)
	}
	if result := r.Ask(t.Context(), "rls_disabled"); result.Err != nil {
		t.Errorf("the rule after them: %v", result.Err)
	}

	lock := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, lock, "BEGIN; LOCK TABLE public.held")
	r = begin(t, pgtest.Conn(t, uri), check.Options{})
	if _, err := check.Query[struct{ Count int }](t.Context(), r, "SELECT count(*)::int FROM public.held"); err == nil || !strings.Contains(err.Error(), "a lock was not free") {
		t.Errorf("a table that is locked: %v", err)
	}

	conn := pgtest.Conn(t, uri)
	r = begin(t, conn, check.Options{})
	exec(t, admin, "SELECT pg_terminate_backend("+pid(t, conn)+")")
	for _, name := range []string{"rls_disabled", "policy_without_rls"} {
		if e := notAsked(t, r.Ask(t.Context(), name)); e.Absent {
			t.Errorf("a lost connection: %q", e.Reason)
		}
	}
}

func pid(t testing.TB, conn *pgx.Conn) string {
	t.Helper()
	var id string
	if err := conn.QueryRow(t.Context(), "SELECT pg_backend_pid()::text").Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// A run holds no lock longer than the statement that took it: a session that alters
// a table that was read does not wait for the run's end. After one locked table the
// others are waited for more shortly.
func TestLocks(t *testing.T) {
	t.Parallel()
	uri := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, admin, "CREATE TABLE public.read (id integer); CREATE TABLE public.locked (id integer); GRANT SELECT ON public.read TO anon; INSERT INTO public.read VALUES (1)")
	r := begin(t, pgtest.Conn(t, uri), check.Options{})
	type counted struct{ Count int }
	if _, err := check.Query[counted](t.Context(), r, "SELECT count(*)::int FROM public.read"); err != nil {
		t.Fatal(err)
	}
	if seen, err := r.Sees(t.Context(), "anon", "public", "read"); err != nil || !seen {
		t.Fatalf("seen %t: %v", seen, err)
	}
	if seen, err := r.SeesSome(t.Context(), "anon", "public", "read", 100); err != nil || !seen {
		t.Fatalf("seen in part %t: %v", seen, err)
	}
	exec(t, admin, "BEGIN; LOCK TABLE public.read, public.locked IN ACCESS EXCLUSIVE MODE NOWAIT")
	for _, want := range []string{"1s", "50ms"} {
		waits, err := check.Query[struct{ Waits string }](t.Context(), r, "SELECT current_setting('lock_timeout') AS waits")
		if err != nil || waits[0].Waits != want {
			t.Errorf("%v, want %s (%v)", waits, want, err)
		}
		if _, err := check.Query[counted](t.Context(), r, "SELECT count(*)::int FROM public.locked"); err == nil || !strings.Contains(err.Error(), "a lock was not free") {
			t.Errorf("a table that is locked: %v", err)
		}
	}
}

// Without a role that requests could run as, reach is unknown, and the rule is
// not asked.
func TestNoAPIRoles(t *testing.T) {
	t.Parallel()
	r := begin(t, pgtest.Conn(t, pgtest.Bootstrapped(t)), check.Options{})
	r.APIRoles = nil
	if e := notAsked(t, r.Ask(t.Context(), "rls_disabled")); !strings.Contains(e.Reason, "none of the API's roles exists") {
		t.Errorf("reason %q", e.Reason)
	}
}

// Rules only read, and fail where row level security would hide rows from them.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	uri := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, admin, "CREATE ROLE check_blind LOGIN PASSWORD '"+password(t, uri)+"'")
	exec(t, admin, `CREATE TABLE public.rows (id integer); ALTER TABLE public.rows ENABLE ROW LEVEL SECURITY;
		GRANT SELECT ON public.rows TO check_blind; INSERT INTO public.rows VALUES (1)`)
	t.Cleanup(func() {
		_, _ = admin.Exec(context.Background(), "DROP OWNED BY check_blind; DROP ROLE check_blind", pgx.QueryExecModeSimpleProtocol)
	})
	r := begin(t, pgtest.Conn(t, pgtest.As(t, uri, "check_blind")), check.Options{RowsWhole: true})
	if _, err := check.Query[struct{ Count int }](t.Context(), r, "SELECT count(*)::int FROM public.rows"); err == nil || !strings.Contains(err.Error(), "no right") {
		t.Errorf("rows that policies hide: %v", err)
	}
	if _, err := check.Query[struct{}](t.Context(), r, "CREATE TABLE public.written ()"); err == nil {
		t.Error("a statement that writes was carried out")
	}
}

// A trial is rolled back, and returns the database's refusal, or an error if it
// has proved nothing.
func TestTry(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	refusal, err := check.TryStatement(t.Context(), tx, "CREATE TABLE tried ()")
	if refusal != nil || err != nil {
		t.Fatalf("refusal %v, error %v", refusal, err)
	}
	refusal, err = check.TryStatement(t.Context(), tx, "SELECT FROM tried")
	if err != nil || refusal == nil || refusal.Code != "42P01" {
		t.Errorf("after it was taken back: refusal %v, error %v", refusal, err)
	}
	own := errors.New("own")
	if refusal, err = check.Try(t.Context(), tx, func(pgx.Tx) error { return own }); refusal != nil || !errors.Is(err, own) {
		t.Errorf("another failure: refusal %v, error %v", refusal, err)
	}
	var id int
	if err := tx.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := tx.Conn().Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if refusal, err = check.TryStatement(t.Context(), tx, "SELECT 1"); refusal != nil || err == nil {
		t.Errorf("on a lost connection: refusal %v, error %v", refusal, err)
	}
}

// Each file states its purpose, and names no parameter that nobody gives.
func TestHeads(t *testing.T) {
	t.Parallel()
	files, err := sql.Check.ReadDir("check")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := sql.Check.ReadFile("check/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- Purpose: ") || !strings.Contains(string(text), "\n-- Parameters: ") {
			t.Errorf("%s: no head with Purpose and Parameters", f.Name())
		}
	}
}
