package migrator_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/devdb/pgtest"
	"github.com/romashka/sidecar/internal/migrator"
	"github.com/romashka/sidecar/migrations"
)

// sabotaged returns the migrations, each with a way to fail at its end.
func sabotaged(t testing.TB, name, how string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		text, err := migrations.Files.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if n == name {
			text = append(text, "\n;\n"+how...)
		}
		files[n] = &fstest.MapFile{Data: text}
	}
	return files
}

// Whatever kills a migration, after all its statements and before its commit,
// leaves nothing of it, and the next run goes on from there.
func TestKilledAtEachMigration(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	clean, m := migrated(t)
	want := schema(t, pgtest.Conn(t, clean))
	status, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	url := dressed(t)
	conn := pgtest.Conn(t, url)
	before := schema(t, conn)
	for i, victim := range status.Migrations {
		files := sabotaged(t, victim.Name()+".up.sql", "SELECT pg_terminate_backend(pg_backend_pid());")
		if err := newMigrator(t, url, migrator.Options{Migrations: files}).Up(ctx); err == nil || !strings.Contains(err.Error(), victim.Name()) {
			t.Fatalf("%s, killed: %v", victim.Name(), err)
		}
		wantVersion := uint(0)
		if i > 0 {
			wantVersion = status.Migrations[i-1].Version
		}
		if v, err := m2(t, url).Version(ctx); err != nil || v != wantVersion {
			t.Fatalf("%s: version %d after the crash, want %d, %v", victim.Name(), v, wantVersion, err)
		}
		if i == 0 { // the books are new, and nothing else
			if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
				t.Fatalf("%s left:\n%s", victim.Name(), diff)
			}
		}
	}
	up(t, m2(t, url))
	if diff := cmp.Diff(want, schema(t, conn)); diff != "" {
		t.Errorf("after %d crashes:\n%s", len(status.Migrations), diff)
	}
}

// A statement that fails takes its whole migration with it, and is named with
// its line.
func TestFailedMigration(t *testing.T) {
	t.Parallel()
	url := dressed(t)
	conn := pgtest.Conn(t, url)
	before := schema(t, conn)
	files := fstest.MapFS{
		"1_broken.up.sql":   {Data: []byte("CREATE TABLE public.half (id int);\n\nSELECT 1/0;")},
		"1_broken.down.sql": {},
	}
	err := newMigrator(t, url, migrator.Options{Migrations: files, Functions: fstest.MapFS{}}).Up(context.Background())
	if err == nil || !strings.Contains(err.Error(), "1_broken") || sqlstate(err) != "22012" {
		t.Errorf("up: %v", err)
	}
	if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
		t.Errorf("half of it is there:\n%s", diff)
	}
}

func m2(t testing.TB, url string) *migrator.Migrator { return newMigrator(t, url, migrator.Options{}) }

// A client that goes away leaves nothing either.
func TestCancelled(t *testing.T) {
	t.Parallel()
	url := dressed(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m := newMigrator(t, url, migrator.Options{Progress: func(s migrator.Step) {
		if strings.HasSuffix(s.Name, "seed_tables") {
			cancel()
		}
	}})
	if err := m.Up(ctx); err == nil {
		t.Fatal("up goes on after its context has ended")
	}
	if v, err := m.Version(context.Background()); v == 0 || err != nil {
		t.Fatalf("version = %d, %v; want what was finished", v, err)
	}
	up(t, m2(t, url))
	if got := pending(t, m); got != 0 {
		t.Errorf("pending = %d", got)
	}
}

// Of several at once one works and the others wait, and then have nothing to do.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	url := dressed(t)
	var mu sync.Mutex
	var steps []string
	var wg sync.WaitGroup
	for range 4 {
		m := newMigrator(t, url, migrator.Options{Progress: func(s migrator.Step) {
			mu.Lock()
			defer mu.Unlock()
			steps = append(steps, s.Name)
		}})
		wg.Go(func() {
			if err := m.Up(context.Background()); err != nil {
				t.Errorf("up: %v", err)
			}
		})
	}
	wg.Wait()
	sorted := slices.Sorted(slices.Values(steps))
	if len(slices.Compact(sorted)) != len(steps) {
		t.Errorf("something was done twice: %v", steps)
	}
	if got := pending(t, m2(t, url)); got != 0 {
		t.Errorf("pending = %d", got)
	}
}

// A table in use is not waited for with the queue growing behind: the
// migration gives up its place and comes back.
func TestTableInUse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := dressed(t)
	holder := pgtest.Conn(t, url)
	tx, err := holder.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE public.profiles IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{})
	var once sync.Once
	m := newMigrator(t, url, migrator.Options{
		LockTimeout: 50 * time.Millisecond,
		Logger: loggerFunc(func(message string) { // "a table is in use, trying again"
			if strings.Contains(message, "in use") {
				once.Do(func() { close(waiting) })
			}
		}),
	})
	done := make(chan error, 1)
	go func() { done <- m.Up(ctx) }()
	<-waiting
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("up: %v", err)
	}
}

// After a change, listeners are told to read the schema again; after none, not.
func TestListenersAreTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := dressed(t)
	listener := pgtest.Conn(t, url)
	exec(t, listener, "LISTEN pgrst")
	m := m2(t, url)
	up(t, m)
	n, err := listener.WaitForNotification(ctx)
	if err != nil || n.Payload != "reload schema" {
		t.Errorf("notification %+v, %v", n, err)
	}
	up(t, m)
	exec(t, listener, "NOTIFY pgrst, 'mark'")
	if n, err = listener.WaitForNotification(ctx); err != nil || n.Payload != "mark" {
		t.Errorf("nothing was done, but %+v was sent, %v", n, err)
	}
}

// No file brings a transaction of its own: each runs in the migrator's.
func TestMigrationsHaveNoTransactionControl(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			switch word := strings.ToUpper(strings.TrimRight(line, "; \n")); word {
			case "COMMIT", "ROLLBACK", "START TRANSACTION", "BEGIN TRANSACTION":
				t.Errorf("%s: %s", name, word)
			}
		}
	}
}
