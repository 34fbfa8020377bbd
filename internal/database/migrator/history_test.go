package migrator_test

import (
	"context"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/migrations"
)

// The supabase CLI's history follows ours: up, down and up again, and what is the
// project's own stays. A project whose history knows nothing of these files keeps
// it as it is, until it is asked for.
func TestSupabaseHistory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	script(t, conn, `CREATE SCHEMA supabase_migrations;
		CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
		INSERT INTO supabase_migrations.schema_migrations VALUES ('20260101000000', NULL, 'own')`)
	const count = "SELECT count(*)::int FROM supabase_migrations.schema_migrations"
	all := strings.Count(migrations.SupabaseFiles, "\n")
	m := newMigrator(t, url, migrator.Options{})
	want := func(act string, n int) {
		t.Helper()
		if got := value[int](t, conn, count); got != n {
			t.Errorf("after %s: %d lines, want %d", act, got, n)
		}
		if !value[bool](t, conn, "SELECT EXISTS (SELECT FROM supabase_migrations.schema_migrations WHERE name = 'own')") {
			t.Errorf("after %s: the project's own line is gone", act)
		}
	}
	up(t, m)
	want("up", 1)
	up(t, newMigrator(t, url, migrator.Options{SupabaseHistory: migrator.SupabaseOn}))
	want("up with on", all+1)
	exec(t, conn, "INSERT INTO supabase_migrations.schema_migrations (version, name) VALUES ('20261122000000', 'function_get_security_metrics')")
	up(t, m)
	want("up over a function's older file", all+1)
	if err := m.Down(ctx, 1); err != nil {
		t.Fatal(err)
	}
	want("down 1", all)
	up(t, m)
	want("up again", all+1)

	other := bootstrapped(t)
	up(t, newMigrator(t, other, migrator.Options{SupabaseHistory: migrator.SupabaseOff}))
	if value[bool](t, pgtest.Conn(t, other), "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'supabase_migrations')") {
		t.Error("with off the schema is made all the same")
	}
}
