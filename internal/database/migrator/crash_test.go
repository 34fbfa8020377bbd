package migrator_test

import (
	"context"
	"io/fs"
	"os"
	osexec "os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/ddl"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/migrations"
)

// upFiles are the migrations, with one up file made of other text.
func upFiles(t testing.TB, name, text string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		old, err := migrations.Files.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if n == name+".up.sql" {
			old = []byte(text)
		}
		files[n] = &fstest.MapFile{Data: old}
	}
	return files
}

// deaths returns a migration's text once for each of its statements, with the
// text then behind that statement, which kills the session.
func deaths(t testing.TB, name, then string) []string {
	t.Helper()
	text, err := migrations.Files.ReadFile(name + ".up.sql")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range ddl.Split(string(text)) {
		list = append(list, string(text[:s.End])+";\n"+then+string(text[s.End:]))
	}
	return list
}

// everyDeath reports whether a run is to be killed after every statement and
// function, which takes minutes: make crash. Else it is after the first, one in
// the middle and the last of every sixteenth migration and of the newest, and at
// every tenth function.
func everyDeath() bool { return os.Getenv("ROMASHKA_TEST_CRASH") == "full" }

// some are the first, the middle and the last of list.
func some[T any](list []T) []T {
	if everyDeath() || len(list) <= 3 {
		return list
	}
	return []T{list[0], list[len(list)/2], list[len(list)-1]}
}

// A migration that is killed after any of its statements, in any way, leaves
// nothing of it, and the next run goes on from there.
func TestKilledAtEachStatement(t *testing.T) {
	t.Parallel()
	clean, m := unpartitioned(t)
	want := schema(t, pgtest.Conn(t, clean))
	status, err := m.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const parts = 4 // each walks up in a database of its own and kills every fourth of the victims
	victims := victimsOf(len(status.Migrations))
	killed := make([]int, parts)
	t.Run("parts", func(t *testing.T) {
		for part := range parts {
			t.Run(strconv.Itoa(part), func(t *testing.T) {
				t.Parallel()
				url := bootstrapped(t)
				for k := part; k < len(victims); k += parts {
					killed[part] += killAtEachStatement(t, url, status.Migrations[victims[k]].Name(), victims[k])
				}
				up(t, m2(t, url))
				if diff := cmp.Diff(want, schema(t, pgtest.Conn(t, url))); diff != "" {
					t.Errorf("after %d crashes:\n%s", killed[part], diff)
				}
			})
		}
	})
	least := len(victims) // a migration may be a single statement
	if everyDeath() {
		least = 350
	}
	if total := killed[0] + killed[1] + killed[2] + killed[3]; total < least {
		t.Errorf("killed %d times, want %d or more", total, least)
	}
}

// victimsOf lists which of n migrations are killed, in order: all, or every
// sixteenth and the newest three.
func victimsOf(n int) []int {
	var list []int
	for i := range n {
		if everyDeath() || i%16 == 0 || i >= n-3 {
			list = append(list, i)
		}
	}
	return list
}

// killAtEachStatement kills the victim, which is the n-th migration, as often
// as it has statements, and returns how often.
func killAtEachStatement(t *testing.T, url, victim string, n int) (killed int) {
	t.Helper()
	if n > 0 {
		up(t, newMigrator(t, url, migrator.Options{Migrations: firstMigrations(t, n), Functions: fstest.MapFS{}}))
	}
	conn := pgtest.Conn(t, url)
	before := schema(t, conn)
	for _, text := range some(deaths(t, victim, "SELECT pg_terminate_backend(pg_backend_pid());")) {
		killed++
		err := newMigrator(t, url, migrator.Options{Migrations: upFiles(t, victim, text)}).Up(context.Background())
		if err == nil || !strings.Contains(err.Error(), victim) {
			t.Fatalf("%s, killed the %d. time: %v", victim, killed, err)
		}
		if got := value[int](t, conn, "SELECT count(*)::int FROM romashka.schema_migrations"); got != n {
			t.Fatalf("%s, killed the %d. time: %d are applied, want %d", victim, killed, got, n)
		}
	}
	if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
		t.Fatalf("%s, killed, left:\n%s", victim, diff)
	}
	return killed
}

// The same for functions: they come all or none.
func TestKilledAtEachFunction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
	up(t, newMigrator(t, url, migrator.Options{Functions: fstest.MapFS{}}))
	names, err := fs.Glob(functions.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, victim := range names {
		if i%10 != 0 && !everyDeath() {
			continue
		}
		files := fstest.MapFS{}
		for _, name := range names {
			text, err := functions.Files.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if name == victim {
				text = append(text, "\n;SELECT pg_terminate_backend(pg_backend_pid());"...)
			}
			files[name] = &fstest.MapFile{Data: text}
		}
		if err := newMigrator(t, url, migrator.Options{Functions: files}).Up(ctx); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(victim, ".sql")) {
			t.Fatalf("%s, killed: %v", victim, err)
		}
		if n := pending(t, m2(t, url)); n != len(names) {
			t.Errorf("%s, killed: %d functions pending, want all %d", victim, n, len(names))
		}
	}
	up(t, m2(t, url))
	if n := pending(t, m2(t, url)); n != 0 {
		t.Errorf("pending = %d", n)
	}
}

// inChild names the database that a child process is to migrate until killed.
const inChild = "ROMASHKA_TEST_MIGRATE"

// gate is a lock that stops a migration at the place where it is killed.
const gate = "SELECT pg_advisory_xact_lock(4711);"

// TestChild is no test: in a child process it migrates; elsewhere it does
// nothing.
func TestChild(t *testing.T) { //nolint:paralleltest // alone in its process
	if url := os.Getenv(inChild); url != "" {
		victim, number, _ := strings.Cut(os.Getenv(inChild+"_AT"), " ")
		k, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		files := upFiles(t, victim, deaths(t, victim, gate)[k])
		t.Log(newMigrator(t, url, migrator.Options{Migrations: files}).Up(context.Background()))
	}
}

// TestKillProcess sends a real process SIGKILL in the middle of a migration; the
// next run waits until PostgreSQL has noticed, and finishes.
func TestKillProcess(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	for _, at := range []string{"20261123000200_seed_tables 3", "20261123000700_guard_profile_role 2", "20261123001600_incident_columns 5"} {
		holder := pgtest.Conn(t, url)
		exec(t, holder, "SELECT pg_advisory_lock(4711)")
		child := osexec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
		child.Env = append(os.Environ(), inChild+"="+url, inChild+"_AT="+at)
		child.Stdout, child.Stderr = t.Output(), t.Output()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, conn, "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted)")
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		exec(t, holder, "SELECT pg_advisory_unlock(4711)")
	}
	up(t, m2(t, url))
	clean, _ := unpartitioned(t)
	if diff := cmp.Diff(schema(t, pgtest.Conn(t, clean)), schema(t, conn)); diff != "" {
		t.Errorf("after the kills:\n%s", diff)
	}
}

// TestKillServer ends PostgreSQL itself between two migrations.
func TestKillServer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := pgtest.Server(t)
	steps := 0
	m := newMigrator(t, s.URL("postgres"), migrator.Options{Progress: func(migrator.Step) {
		if steps++; steps == 9 {
			s.Kill()
			// A session notices when it waits for its client, which on a busy
			// machine may be fast enough never to be waited for.
			<-time.After(200 * time.Millisecond)
		}
	}})
	if err := m.Up(ctx); err == nil {
		t.Fatal("up goes on without a server")
	}
	s.Start()
	up(t, m)
	if n := pending(t, m); n != 0 {
		t.Errorf("pending = %d", n)
	}
}

// A statement that fails takes its whole migration with it, and is named with
// its line.
func TestFailedMigration(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
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
	url := bootstrapped(t)
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
	url := bootstrapped(t)
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

// A migration waits for a table in use for a short time only, so that no queue
// grows behind it: it gives up and tries again.
func TestTableInUse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
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

// After a change, listeners are notified to read the schema again; after none,
// not.
func TestListenersAreTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := bootstrapped(t)
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
