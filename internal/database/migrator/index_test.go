package migrator_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// sessionsBefore is an older table with rows, large enough for largeTable.
const sessionsBefore = `
	CREATE TABLE public.security_sessions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid, session_token text UNIQUE NOT NULL);
	INSERT INTO public.security_sessions (session_token) SELECT n::text FROM generate_series(1, 2000) AS n`

const largeTable = 100_000 // bytes

// A large table gets its indexes one by one, outside of migrations, and ends
// like any other.
func TestLargeTableGetsItsIndexesConcurrently(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	small := bootstrapped(t)
	exec(t, pgtest.Conn(t, small), sessionsBefore)
	up(t, newMigrator(t, small, migrator.Options{}))
	want := schema(t, pgtest.Conn(t, small))

	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, sessionsBefore)
	var steps []string
	o := migrator.Options{LargeTable: largeTable, Progress: func(s migrator.Step) { steps = append(steps, s.Name) }}
	m := newMigrator(t, url, o)
	p, err := m.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var planned []string
	for _, one := range p.Migrations {
		for _, s := range one.Statements {
			if s.Later {
				planned = append(planned, s.Tables[0].Table+" "+s.Tables[0].Lock.String())
			}
		}
	}
	up(t, m)
	indexes := slices.DeleteFunc(steps, func(s string) bool { return !strings.HasPrefix(s, "index ") })
	if len(indexes) < 4 || len(indexes) != len(planned) || !slices.Contains(indexes, "index idx_security_sessions_token") {
		t.Errorf("built %v, planned %v", indexes, planned)
	}
	if slices.ContainsFunc(planned, func(s string) bool { return s != "public.security_sessions SHARE UPDATE EXCLUSIVE" }) {
		t.Errorf("planned %v", planned)
	}
	if diff := cmp.Diff(want, schema(t, conn)); diff != "" {
		t.Errorf("(-in the migrations +concurrently):\n%s", diff)
	}
	if n := pending(t, m); n != 0 {
		t.Errorf("pending = %d", n)
	}
}

// An index that was cut short is invalid; the next run builds it anew, and says
// until then that there is something to do.
func TestIndexCutShort(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, "CREATE TABLE public.large AS SELECT n % 1000 AS n, repeat('x', 100) AS x FROM generate_series(1, 2000) AS n")
	files := fstest.MapFS{
		"1_index.up.sql":   {Data: []byte("CREATE UNIQUE INDEX IF NOT EXISTS large_n ON public.large (n);\nCREATE INDEX IF NOT EXISTS large_x ON public.large (x);")},
		"1_index.down.sql": {Data: []byte("DROP INDEX IF EXISTS public.large_n, public.large_x")},
	}
	m := newMigrator(t, url, migrator.Options{Migrations: files, Functions: fstest.MapFS{}, LargeTable: largeTable})
	if err := m.Up(ctx); sqlstate(err) != "23505" || !strings.Contains(err.Error(), "large_n") {
		t.Fatalf("up over rows that are not unique: %v", err)
	}
	const valid = "SELECT array_agg(i.indexrelid::regclass::text || ' ' || indisvalid ORDER BY i.indexrelid::regclass::text) FROM pg_index AS i WHERE indrelid = 'public.large'::regclass"
	if got := value[[]string](t, conn, valid); !slices.Equal(got, []string{"large_n false"}) {
		t.Errorf("after the failure: %v", got)
	}
	if n := pending(t, m); n != 2 {
		t.Errorf("pending = %d, want both indexes", n)
	}
	exec(t, conn, "DELETE FROM public.large WHERE ctid NOT IN (SELECT min(ctid) FROM public.large GROUP BY n)")
	up(t, m)
	if got := value[[]string](t, conn, valid); !slices.Equal(got, []string{"large_n true", "large_x true"}) {
		t.Errorf("after the next run: %v", got)
	}
	if n := pending(t, m); n != 0 {
		t.Errorf("pending = %d", n)
	}
}

// Writers are not kept out while an index is built: the build waits for the
// transaction of one, and another writes meanwhile.
func TestWritersGoOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
	writer := pgtest.Conn(t, url)
	exec(t, writer, "CREATE TABLE public.large AS SELECT n FROM generate_series(1, 5000) AS n")
	files := fstest.MapFS{
		"1_index.up.sql":   {Data: []byte("CREATE INDEX IF NOT EXISTS large_n ON public.large (n)")},
		"1_index.down.sql": {Data: []byte("DROP INDEX IF EXISTS public.large_n")},
	}
	tx, err := writer.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO public.large VALUES (0)"); err != nil {
		t.Fatal(err)
	}
	m := newMigrator(t, url, migrator.Options{Migrations: files, Functions: fstest.MapFS{}, LargeTable: largeTable})
	done := make(chan error, 1)
	go func() { done <- m.Up(ctx) }()
	other := pgtest.Conn(t, url)
	until(t, other, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock')`)
	exec(t, other, "SET lock_timeout = '2s'")
	exec(t, other, "INSERT INTO public.large VALUES (1)")
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("up: %v", err)
	}
}

// until asks again until the answer is yes.
func until(t testing.TB, conn *pgx.Conn, query string) {
	t.Helper()
	const longest = 30 * time.Second
	const step = 5 * time.Millisecond // for the processor, which the one that is waited for needs
	for deadline := time.Now().Add(longest); time.Now().Before(deadline); <-time.After(step) {
		if value[bool](t, conn, query) {
			return
		}
	}
	t.Fatalf("never: %s", query)
}

// Who waits for an index sees how far it is: here until a transaction that it waits
// for has ended.
func TestIndexProgress(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	exec(t, pgtest.Conn(t, url), sessionsBefore)
	holder := pgtest.Conn(t, url)
	exec(t, holder, "BEGIN ISOLATION LEVEL REPEATABLE READ")
	exec(t, holder, "SELECT 1 FROM pg_catalog.pg_class LIMIT 1")
	var let sync.Once
	seen := map[string]bool{}
	ended := 0
	up(t, newMigrator(t, url, migrator.Options{LargeTable: largeTable, IndexProgress: func(p migrator.IndexProgress) {
		if p.Ended {
			ended++
			return
		}
		if p.Name != "" && p.Phase != "" {
			seen[p.Unit] = true
			let.Do(func() { _, _ = holder.Exec(context.Background(), "COMMIT") })
		}
	}}))
	if len(seen) == 0 || ended < 4 {
		t.Errorf("told of %v, and of %d ends", seen, ended)
	}
}
