package migrator_test

import (
	"context"
	"io/fs"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/sql"
)

// The rules of linters of Supabase projects, over the objects of the migrations
// (every relation that is not in the base, and the objects attached to one).
var lints = map[string]string{
	"row level security is off": `
		SELECT c.oid::regclass::text FROM pg_class c
		WHERE c.relnamespace IN ('public'::regnamespace, 'romashka'::regnamespace) AND c.relkind = 'r' AND NOT c.relrowsecurity
		  AND NOT (c.relnamespace = 'romashka'::regnamespace AND c.relname IN ('schema_migrations', 'functions', 'later_indexes', 'repairs', 'repaired_rows'))`,
	"anon has a privilege": `
		SELECT c.oid::regclass::text FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN (SELECT tablename FROM ours)
		  AND has_table_privilege('anon', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')`,
	"a policy for everybody": `
		SELECT tablename || ': ' || policyname FROM pg_policies
		WHERE tablename IN (SELECT tablename FROM ours) AND roles && '{public,anon}'`,
	"a policy that lets everybody write": `
		SELECT tablename || ': ' || policyname FROM pg_policies
		WHERE tablename IN (SELECT tablename FROM ours) AND cmd <> 'SELECT' AND 'true' IN (qual, with_check)`,
	"several permissive policies for one command": `
		SELECT tablename || ': ' || cmd FROM pg_policies
		WHERE tablename IN (SELECT tablename FROM ours) GROUP BY tablename, cmd HAVING count(*) > 1`,
	"auth.uid() is asked for each row": `
		SELECT tablename || ': ' || policyname FROM pg_policies
		WHERE tablename IN (SELECT tablename FROM ours)
		  AND regexp_replace(COALESCE(qual, '') || COALESCE(with_check, ''), '\( SELECT (auth\.uid|romashka\.has_\w+)\(', '', 'g') ~ '(auth\.uid|romashka\.has_\w+)\('`,
	"a function without a search_path": `
		SELECT p.oid::regprocedure::text FROM pg_proc p
		WHERE (p.pronamespace = 'romashka'::regnamespace
		       OR p.proname IN ('get_security_metrics', 'get_analytics_dashboard_data', 'cleanup_old_analytics_data'))
		  AND NOT COALESCE('search_path=""' = ANY (p.proconfig), false)`,
	"a definer's function that anon may call": `
		SELECT p.oid::regprocedure::text FROM pg_proc p
		WHERE p.pronamespace = 'romashka'::regnamespace AND p.prosecdef AND has_function_privilege('anon', p.oid, 'EXECUTE')
		  -- policies ask it for anon, too; by name he cannot call it, as the schema is closed to him
		  AND (p.proname <> 'has_consent' OR has_schema_privilege('anon', 'romashka', 'USAGE'))`,
	"a foreign key without an index": `
		SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.contype = 'f' AND (c.relname IN (SELECT tablename FROM ours) OR c.relnamespace = 'romashka'::regnamespace)
		  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])`,
	"a column of a policy without an index": `
		SELECT DISTINCT o.tablename || '.' || a.attname FROM ours o JOIN pg_policies p USING (tablename)
		JOIN pg_attribute a ON a.attrelid = ('public.' || o.tablename)::regclass AND a.attnum > 0
		WHERE p.qual ~ (a.attname || ' = \( SELECT auth\.uid')
		  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum)`,
	"a constraint that is not validated": `
		SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k WHERE NOT k.convalidated`,
	"a table without a primary key": `
		SELECT o.tablename::text FROM ours o
		WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = ('public.' || o.tablename)::regclass AND i.indisprimary)`,
}

func TestLints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := unpartitioned(t)
	conn := pgtest.Conn(t, url)
	if err := m.Down(ctx, 1); err != nil { // to be seen again below: lints hold after a way down and up
		t.Fatal(err)
	}
	up(t, m)
	base := pgtest.Conn(t, pgtest.Bootstrapped(t))
	exec(t, conn, "CREATE TEMPORARY TABLE ours AS SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)",
		value[[]string](t, base, "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'"))
	if got := value[int](t, conn, "SELECT count(*)::int FROM ours WHERE tablename = ANY ($1)", tenTables); got != len(tenTables) {
		t.Fatalf("%d of the seed's %d tables", got, len(tenTables))
	}
	for what, query := range lints {
		rows, err := conn.Query(ctx, query)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", what, f)
		}
	}
}

// A migrated database answers the seed's verification and health queries.
func TestChecks(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	want := map[string]int{
		"verify/tables.sql": len(tenTables), "verify/sample.sql": 5, "verify/health.sql": 3,
		"verify/security_metrics.sql": 1, "verify/analytics_dashboard.sql": 1,
	}
	names, err := fs.Glob(sql.Verify, "verify/*.sql")
	if err != nil || len(names) != len(want) {
		t.Fatalf("verify %v, %v; want %d", names, err, len(want))
	}
	for _, name := range names {
		text, err := sql.Verify.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := value[int](t, owner, "SELECT count(*)::int FROM ("+string(text)+") AS c"); got != want[name] {
			t.Errorf("%s: %d rows, want %d", name, got, want[name])
		}
	}
}
