package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestDatabaseIsEmptyAndPrivate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	one := pgtest.Conn(t, pgtest.Database(t))
	two := pgtest.Conn(t, pgtest.Database(t))
	if _, err := one.Exec(ctx, "CREATE TABLE t ()"); err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := two.QueryRow(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("the second database has %d tables, want 0", tables)
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var name string
	t.Run("uses one", func(t *testing.T) {
		conn := pgtest.Conn(t, pgtest.Database(t))
		if err := conn.QueryRow(ctx, "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var there bool
	err := pgtest.Tx(t).QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil {
		t.Fatal(err)
	}
	if there {
		t.Errorf("database %s is still there", name)
	}
}

func TestDressedRoles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Bootstrapped(t)
	for _, tt := range []struct {
		role      string
		superuser bool
	}{
		{role: "postgres"},
		{role: "authenticator"},
		{role: "supabase_admin", superuser: true},
	} {
		conn := pgtest.Conn(t, pgtest.As(t, url, tt.role))
		var role string
		var superuser bool
		err := conn.QueryRow(ctx, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&role, &superuser)
		if err != nil {
			t.Fatal(err)
		}
		if role != tt.role || superuser != tt.superuser {
			t.Errorf("role, superuser = %s, %v; want %s, %v", role, superuser, tt.role, tt.superuser)
		}
	}
}

func TestTxIsRolledBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const count = "SELECT count(*) FROM pg_class WHERE relname = 'only_in_tx'"
	t.Run("first", func(t *testing.T) {
		if _, err := pgtest.Tx(t).Exec(ctx, "CREATE TABLE public.only_in_tx ()"); err != nil {
			t.Fatal(err)
		}
	})
	var n int
	if err := pgtest.Tx(t).QueryRow(ctx, count).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Error("a table outlived its transaction")
	}
}

func TestServerSurvivesKill(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := pgtest.Server(t)
	url := s.URL("supabase_admin")
	conn := pgtest.Conn(t, url)
	if _, err := conn.Exec(ctx, "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}

	s.Kill()
	if _, err := pgx.Connect(ctx, url); err == nil {
		t.Fatal("connected to a killed server")
	}
	s.Start()

	var n int
	if err := pgtest.Conn(t, url).QueryRow(ctx, "SELECT n FROM kept").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 7 {
		t.Errorf("n = %d, want 7", n)
	}
	s.Stop()
	s.Start()
}

func BenchmarkDatabase(b *testing.B) {
	for b.Loop() {
		pgtest.Database(b)
	}
}

func BenchmarkTx(b *testing.B) {
	for b.Loop() {
		pgtest.Tx(b)
	}
}
