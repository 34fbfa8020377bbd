package jobs_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// lines is a log that tests wait for.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// wait returns the next line of the log that holds text.
func (l lines) wait(t testing.TB, text string) string {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case got := <-l:
			if strings.Contains(got, text) {
				return got
			}
		case <-limit:
			t.Fatalf("nothing was said about %q", text)
		}
	}
}

func start(t testing.TB, url string) (*jobs.Runner, lines) {
	t.Helper()
	log := make(lines, 1000)
	w, err := jobs.New(jobs.Options{URL: url, Logger: slog.New(slog.NewTextHandler(log, nil)), Look: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second call does nothing
		if err := w.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(w.Stop)
	return w, log
}

// bootstrapped is a project whose owner may make a schema.
func bootstrapped(t testing.TB) string {
	t.Helper()
	url := pgtest.Bootstrapped(t)
	const grant = "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO postgres', current_database()); END $$"
	if _, err := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")).Exec(context.Background(), grant); err != nil {
		t.Fatal(err)
	}
	return url
}

func migrate(t testing.TB, url string) {
	t.Helper()
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Three replicas do each job once, and again when it is due again.
func TestReplicas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Migrated(t, "postgres")
	owner := pgtest.Conn(t, url)
	if _, err := owner.Exec(ctx, "CREATE TABLE public.test_runs AS SELECT name, last_run FROM romashka.jobs WITH NO DATA"); err != nil {
		t.Fatal(err)
	}
	const count = `
		CREATE FUNCTION public.test_count() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN INSERT INTO public.test_runs VALUES (NEW.name, NEW.last_run); RETURN NEW; END';
		CREATE TRIGGER test_count AFTER UPDATE OF last_run ON romashka.jobs FOR EACH ROW EXECUTE FUNCTION public.test_count()`
	if _, err := owner.PgConn().Exec(ctx, count).ReadAll(); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(ctx, "SELECT romashka.read_queue('kpi')"); err != nil { // its first run takes two
		t.Fatal(err)
	}
	if _, err := owner.Exec(ctx, "DELETE FROM romashka.jobs WHERE name IN ('alerts', 'journey', 'partitions', 'realtime')"); err != nil { // the others are enough
		t.Fatal(err)
	}
	var logs []lines
	for range 3 {
		_, log := start(t, url)
		logs = append(logs, log)
	}
	merged := make(lines, 1000)
	for _, log := range logs {
		go func() {
			for line := range log {
				merged <- line
			}
		}()
	}
	for round := 1; round <= 2; round++ {
		merged.wait(t, "job=")
		merged.wait(t, "job=") // the order is the replicas' affair
		var runs, jobs int
		if err := owner.QueryRow(ctx, "SELECT count(*), count(DISTINCT name) FROM public.test_runs").Scan(&runs, &jobs); err != nil {
			t.Fatal(err)
		}
		if runs != 2*round || jobs != 2 {
			t.Errorf("round %d: %d runs of %d jobs", round, runs, jobs)
		}
		if _, err := owner.Exec(ctx, "UPDATE romashka.jobs SET next_run = now()"); err != nil {
			t.Fatal(err)
		}
	}
}

// An obstacle is logged once, with a remedy, and work goes on when it is gone.
func TestRecovery(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	_, log := start(t, url)
	log.wait(t, "romashka migrate up brings them")
	migrate(t, url)
	log.wait(t, "jobs are run again")
	log.wait(t, "job=daily_metrics")
}

func TestRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	w, log := start(t, pgtest.As(t, url, "authenticator"))
	log.wait(t, "SELECT romashka.allow_jobs('role')")
	for range 2 { // the second call does nothing
		w.Stop()
	}
	for len(log) > 0 {
		t.Errorf("said twice: %s", <-log)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	if _, err := jobs.New(jobs.Options{URL: "postgres://x"}); err == nil {
		t.Error("no logger, and no error")
	}
	_, err := jobs.New(jobs.Options{URL: "postgres://x:hunter22@host:port/db", Logger: slog.New(slog.DiscardHandler)})
	if err == nil || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("a broken URL: %v", err)
	}
}

// Jobs are done over a pooler in transaction mode, and refused over one in
// statement mode, with the setting to change.
func TestOverPoolers(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	_, log := start(t, pgtest.PoolerIn(t, "statement", url, 1))
	if got := log.wait(t, "no jobs are run"); !strings.Contains(got, "romashka-db-background-uri leads through a pooler in statement mode") {
		t.Errorf("it says %s", got)
	}
	_, log = start(t, pgtest.Pooler(t, url, 1))
	log.wait(t, "result=")
	conn := pgtest.Conn(t, url)
	const held = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database, pg_sleep(0.02) WHERE l.locktype = 'advisory' AND d.datname = current_database()"
	locks := 1
	for end := time.Now().Add(10 * time.Second); locks > 0 && time.Now().Before(end); { // of a job under way, which lets go of it
		if err := conn.QueryRow(context.Background(), held).Scan(&locks); err != nil {
			t.Fatal(err)
		}
	}
	if locks != 0 {
		t.Errorf("%d advisory locks", locks)
	}
}
