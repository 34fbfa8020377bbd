package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	osexec "os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// project is a migrated database whose jobs in SQL are off, with a table to write to.
func project(t testing.TB) (url string, owner *pgx.Conn) {
	t.Helper()
	url = pgtest.Migrated(t, "postgres")
	owner = pgtest.Conn(t, url)
	exec(t, owner, "UPDATE romashka.jobs SET next_run = 'infinity'")
	exec(t, owner, "CREATE TABLE public.done (what text)")
	return url, owner
}

func exec(t testing.TB, conn *pgx.Conn, statement string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), statement, args...); err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
}

func value[T any](t testing.TB, conn *pgx.Conn, query string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return v
}

// replica is a started Runner with leases as short as a test wants them.
func replica(t testing.TB, url string, o jobs.Options) (*jobs.Runner, lines) {
	t.Helper()
	log := make(lines, 10000)
	return replicaTo(t, log, url, o), log
}

func replicaTo(t testing.TB, log lines, url string, o jobs.Options) *jobs.Runner {
	t.Helper()
	o.URL, o.Logger = url, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Look == 0 {
		o.Look = 20 * time.Millisecond
	}
	r, err := jobs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

func insert(ctx context.Context, conn *pgx.Conn, what string) error {
	return jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO public.done VALUES ($1)", what)
		return err
	})
}

const history = `SELECT COALESCE(string_agg(job || ' ' || outcome || ': ' || COALESCE(result, '-'), '; ' ORDER BY id), '') FROM romashka.job_runs`

// A job in Go comes into the timetable, is done by one of two replicas at a
// time, and again when it is due again.
func TestJobInGo(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	began := make(chan string, 100)
	release := make(chan struct{})
	job := jobs.Job{Name: "probe", Every: time.Hour, Timeout: time.Minute, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		began <- "began"
		<-release
		return jobs.Result{Text: "wrote a row"}, insert(ctx, conn, "probe")
	}}
	log := make(lines, 10000) // of both
	for range 2 {
		replicaTo(t, log, url, jobs.Options{Jobs: []jobs.Job{job}})
	}
	<-began
	if got := value[string](t, owner, "SELECT every || ' ' || timeout || ' ' || (function IS NULL) || ' ' || (lease_until > now()) FROM romashka.jobs WHERE name = 'probe'"); got != "01:00:00 00:01:00 true true" {
		t.Errorf("the timetable says %s", got)
	}
	exec(t, owner, "UPDATE romashka.jobs SET next_run = now() WHERE name = 'probe'") // while one is at it
	release <- struct{}{}
	log.wait(t, "job=probe")
	exec(t, owner, "UPDATE romashka.jobs SET next_run = now() WHERE name = 'probe'")
	<-began
	close(release)
	log.wait(t, "job=probe")
	if n := value[int](t, owner, "SELECT count(*)::int FROM public.done"); n != 2 || len(began) > 0 {
		t.Errorf("%d rows, %d more runs", n, len(began))
	}
	if got := value[string](t, owner, history); got != "probe succeeded: wrote a row; probe succeeded: wrote a row" {
		t.Errorf("history: %s", got)
	}
}

// The results of a run: more to do, nothing to do, a failure, a panic, too long.
func TestResults(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	runs := 0
	list := []jobs.Job{
		{Name: "more", Every: time.Hour, Run: func(context.Context, *pgx.Conn) (jobs.Result, error) {
			runs++
			return jobs.Result{Text: strconv.Itoa(runs), More: runs < 3}, nil
		}},
		{Name: "idle", Every: time.Hour, Run: func(context.Context, *pgx.Conn) (jobs.Result, error) {
			return jobs.Result{Text: "nothing", Idle: true}, nil
		}},
		{Name: "fails", Every: 5 * time.Second, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
			_, err := conn.Exec(ctx, "SELECT 1/0")
			return jobs.Result{}, err
		}},
		{Name: "panics", Every: time.Hour, Run: func(context.Context, *pgx.Conn) (jobs.Result, error) { panic("at the disco\x00\n") }},
		{Name: "hangs", Every: time.Hour, Timeout: time.Second, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
			return jobs.Result{}, jobs.Read(ctx, conn, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "SELECT pg_sleep(600)")
				return err
			})
		}},
	}
	r, log := replica(t, url, jobs.Options{Jobs: list, Parallel: 5})
	for _, want := range []string{"took longer than its time-out of 1s", ""} { // the last to end; then a line of the loop
		if want != "" {
			log.wait(t, want)
		}
	}
	want := "fails failed: division by zero|hangs failed: it took longer than its time-out of 1s|more succeeded: 1|more succeeded: 2|more succeeded: 3|panics failed: BUG: panic: at the disco"
	if got := value[string](t, owner, "SELECT string_agg(job || ' ' || outcome || ': ' || result, '|' ORDER BY job, id) FROM romashka.job_runs"); got != want {
		t.Errorf("history:\n%s\nwant\n%s", got, want)
	}
	const state = "SELECT string_agg(name || ' ' || failures || ' ' || COALESCE(last_result, '-'), ', ' ORDER BY name) FROM romashka.jobs WHERE function IS NULL AND next_run > now() AND lease_until IS NULL"
	if got, want := value[string](t, owner, state), "fails 1 -, hangs 1 -, idle 0 nothing, more 0 3, panics 1 -"; got != want {
		t.Errorf("timetable: %s, want %s", got, want)
	}
	for _, s := range r.Stats() {
		if s.Job == "more" && (s.Runs[jobs.Succeeded] != 3 || s.Runs[jobs.Failed] != 0) || s.Job == "fails" && s.Runs[jobs.Failed] != 1 {
			t.Errorf("stats: %+v", s)
		}
	}
}

// Failures in a row are further and further apart, up to a minute for a job
// that is due every few seconds.
func TestPausesAfterFailures(t *testing.T) {
	t.Parallel()
	_, owner := project(t)
	exec(t, owner, "INSERT INTO romashka.jobs (name, every, next_run) VALUES ('often', '5 s', now()), ('seldom', '1 day', now())")
	var got []string
	for _, name := range []string{"often", "seldom"} {
		for range 6 {
			exec(t, owner, "UPDATE romashka.jobs SET next_run = now() WHERE name = $1", name)
			run := value[int64](t, owner, "SELECT run FROM romashka.claim_job('test', '1 min', ARRAY[$1]::text[])", name)
			exec(t, owner, "SELECT romashka.finish_job($1, 'failed', 'x')", run)
			got = append(got, value[string](t, owner, "SELECT round(extract(epoch FROM next_run - now()))::text FROM romashka.jobs WHERE name = $1", name))
		}
	}
	if want := "5 10 20 40 60 60 600 600 600 600 600 600"; strings.Join(got, " ") != want {
		t.Errorf("pauses %s, want %s", got, want)
	}
}

// A run that has lost its job writes nothing, in Go or in SQL.
func TestFencing(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	began, release := make(chan struct{}), make(chan struct{})
	job := jobs.Job{Name: "probe", Every: time.Hour, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		ctx = context.WithoutCancel(ctx) // it does not notice
		return jobs.Result{Text: "done"}, jobs.Write(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO public.done VALUES ('of the old owner')")
			began <- struct{}{}
			<-release
			return err
		})
	}}
	_, log := replica(t, url, jobs.Options{Jobs: []jobs.Job{job}, Look: time.Hour})
	<-began
	exec(t, owner, "UPDATE romashka.jobs SET lease_until = now() - interval '1 second' WHERE name = 'probe'")
	other := value[int64](t, owner, "SELECT run FROM romashka.claim_job('another', '1 minute', '{probe}')")
	close(release)
	log.wait(t, "lost: the job was taken over")
	if n := value[int](t, owner, "SELECT count(*)::int FROM public.done"); n != 0 {
		t.Errorf("%d rows of one who was the owner no more", n)
	}
	if !value[bool](t, owner, "SELECT romashka.finish_job($1, 'succeeded', 'by another')", other) {
		t.Error("the new owner cannot finish")
	}
	if got := value[string](t, owner, history); got != "probe lost: its owner was gone; probe succeeded: by another" {
		t.Errorf("history: %s", got)
	}

	exec(t, owner, `CREATE FUNCTION romashka.job_test(timestamptz, OUT result text, OUT more boolean) LANGUAGE plpgsql AS
		'BEGIN INSERT INTO public.done VALUES (''in SQL''); UPDATE romashka.jobs SET run = run + 1 WHERE name = ''in_sql''; END'`)
	exec(t, owner, "INSERT INTO romashka.jobs (name, every, function, next_run) VALUES ('in_sql', '1 hour', 'job_test', now())")
	run := value[int64](t, owner, "SELECT run FROM romashka.claim_job('test', '1 minute', '{}')")
	_, err := owner.Exec(context.Background(), "SELECT * FROM romashka.run_claimed_job($1)", run)
	if err == nil || !strings.Contains(err.Error(), "has lost its job") || value[int](t, owner, "SELECT count(*)::int FROM public.done") != 0 {
		t.Errorf("a job in SQL that was taken over meanwhile: %v", err)
	}
}

// A transaction that is about to commit cannot be overtaken.
func TestHold(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	exec(t, owner, "INSERT INTO romashka.jobs (name, every) VALUES ('probe', '1 hour')")
	const claim = "SELECT count(*)::int FROM romashka.claim_job('another', '1 minute', '{probe}')"
	run := value[int64](t, owner, "SELECT run FROM romashka.claim_job('one', '1 minute', '{probe}')")
	err := pgx.BeginFunc(context.Background(), owner, func(tx pgx.Tx) error {
		if !value[bool](t, tx.Conn(), "SELECT romashka.hold_job($1)", run) {
			t.Error("the owner cannot hold his job")
		}
		other := pgtest.Conn(t, url)
		if n := value[int](t, other, "SELECT count(*)::int FROM romashka.renew_jobs(ARRAY[$1::bigint], '-1 minute')", run); n != 1 {
			t.Error("it cannot be renewed meanwhile")
		}
		if n := value[int](t, other, claim); n != 0 {
			t.Error("another has it before the commit")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := value[int](t, owner, claim); n != 1 {
		t.Error("nobody has it after the commit")
	}
	if value[bool](t, owner, "SELECT romashka.hold_job($1)", run) {
		t.Error("the old run holds what another has")
	}
}

// A run that ends while its lease is renewed has not lost its job.
func TestFinishWaitsForARenewal(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	exec(t, owner, "INSERT INTO romashka.jobs (name, every) VALUES ('probe', '1 hour')")
	run := value[int64](t, owner, "SELECT run FROM romashka.claim_job('one', '1 minute', '{probe}')")
	finished := make(chan bool, 1)
	err := pgx.BeginFunc(context.Background(), owner, func(tx pgx.Tx) error {
		exec(t, tx.Conn(), "SELECT romashka.renew_jobs(ARRAY[$1::bigint], '1 minute')", run)
		ending := pgtest.Conn(t, url)
		go func() {
			var ok bool
			if err := ending.QueryRow(context.Background(), "SELECT romashka.finish_job($1, 'succeeded', 'done')", run).Scan(&ok); err != nil {
				t.Error(err)
			}
			finished <- ok
		}()
		watching := pgtest.Conn(t, url)
		for !value[bool](t, watching, "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)", ending.PgConn().PID()) && len(finished) == 0 {
			runtime.Gosched()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !<-finished {
		t.Error("it is told that another has the job")
	}
	if got := value[string](t, owner, history); got != "probe succeeded: done" {
		t.Errorf("history: %s", got)
	}
}

// inChild is set in a child process to the database of its timetable.
const inChild = "ROMASHKA_TEST_JOBS_URL"

// TestKilledOwner is no test: in a child process it begins a job and waits to
// be killed. Elsewhere it does nothing.
func TestKilledOwner(t *testing.T) { //nolint:paralleltest // alone in its process
	url := os.Getenv(inChild)
	if url == "" {
		return
	}
	job := jobs.Job{Name: "probe", Every: time.Hour, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		return jobs.Result{}, jobs.Write(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO public.done VALUES ('of the killed')")
			fmt.Println("began")
			<-ctx.Done()
			return err
		})
	}}
	replica(t, url, jobs.Options{Jobs: []jobs.Job{job}, Lease: time.Second, Owner: "killed"})
	select {}
}

// The job of a killed process is taken over when its lease has ended, and its
// half-written rows are gone.
func TestTakeOverFromTheKilled(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledOwner$")
	cmd.Env = append(os.Environ(), inChild+"="+url)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out := bufio.NewScanner(stdout); out.Scan() && !strings.Contains(out.Text(), "began"); {
		t.Log(out.Text())
	}
	job := jobs.Job{Name: "probe", Every: time.Hour, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		return jobs.Result{Text: "done"}, insert(ctx, conn, "of the heir")
	}}
	_, log := replica(t, url, jobs.Options{Jobs: []jobs.Job{job}, Lease: time.Second})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	log.wait(t, "job=probe result=done")
	if got := value[string](t, owner, "SELECT string_agg(what, ', ') FROM public.done"); got != "of the heir" {
		t.Errorf("rows: %s", got)
	}
	if got := value[string](t, owner, "SELECT string_agg(outcome || CASE owner WHEN 'killed' THEN ' by the killed' ELSE '' END, ', ' ORDER BY id) FROM romashka.job_runs"); got != "lost by the killed, succeeded" {
		t.Errorf("history: %s", got)
	}
}

// A run whose connection is terminated fails, which the history knows; the
// process goes on, also when all of its connections are terminated.
func TestConnectionTerminated(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	began := make(chan struct{}, 10)
	second := false
	job := jobs.Job{Name: "probe", Every: time.Second, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		if second {
			return jobs.Result{Text: "done"}, insert(ctx, conn, "again")
		}
		second = true
		began <- struct{}{}
		_, err := conn.Exec(ctx, "SELECT pg_sleep(600)")
		return jobs.Result{}, err
	}}
	_, log := replica(t, url, jobs.Options{Jobs: []jobs.Job{job}})
	<-began
	exec(t, owner, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'romashka jobs'")
	log.wait(t, "failed: terminating connection")
	log.wait(t, "job=probe result=done")
	if got := value[string](t, owner, "SELECT string_agg(outcome, ', ' ORDER BY id) FROM romashka.job_runs WHERE id < (SELECT max(id) FROM romashka.job_runs) + 1 AND result IS NOT NULL LIMIT 2"); !strings.HasPrefix(got, "failed, succeeded") {
		t.Errorf("history: %s", got)
	}
}

// A stop gives the job back at once: another replica does not wait for the lease.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	url, owner := project(t)
	began := make(chan struct{})
	slow := jobs.Job{Name: "probe", Every: time.Hour, Run: func(ctx context.Context, _ *pgx.Conn) (jobs.Result, error) {
		close(began)
		<-ctx.Done()
		return jobs.Result{}, ctx.Err()
	}}
	r, _ := replica(t, url, jobs.Options{Jobs: []jobs.Job{slow}, Lease: time.Hour, Look: 20 * time.Millisecond})
	<-began
	r.Stop()
	quick := jobs.Job{Name: "probe", Every: time.Hour, Run: func(context.Context, *pgx.Conn) (jobs.Result, error) { return jobs.Result{Text: "done"}, nil }}
	_, log := replica(t, url, jobs.Options{Jobs: []jobs.Job{quick}})
	log.wait(t, "job=probe result=done")
	if got := value[string](t, owner, history); got != "probe stopped: context canceled; probe succeeded: done" {
		t.Errorf("history: %s", got)
	}
}

// pg_cron and the sidecar beside each other: a job that one runs is skipped by the
// other.
func TestBesidePgCron(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := project(t)
	exec(t, owner, `CREATE FUNCTION romashka.job_test(timestamptz, OUT result text, OUT more boolean) LANGUAGE plpgsql AS
		'BEGIN INSERT INTO public.done VALUES (''x''); result := ''wrote''; END'`)
	exec(t, owner, "INSERT INTO romashka.jobs (name, every, function) VALUES ('in_sql', '1 hour', 'job_test')")
	const cron = "SELECT COALESCE(string_agg(job || ': ' || result, ', '), '-') FROM romashka.run_due_jobs()"
	marker := make(chan struct{})
	job := jobs.Job{Name: "marker", Every: time.Hour, Run: func(context.Context, *pgx.Conn) (jobs.Result, error) {
		marker <- struct{}{}
		return jobs.Result{}, nil
	}}
	var log lines
	err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		if got := value[string](t, tx.Conn(), cron); got != "in_sql: wrote" {
			t.Errorf("pg_cron did %s", got)
		}
		_, log = replica(t, url, jobs.Options{Jobs: []jobs.Job{job}})
		<-marker // it has looked at the timetable, and passed over
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	log.wait(t, "job=marker")
	exec(t, owner, "UPDATE romashka.jobs SET next_run = now() WHERE name = 'marker'")
	<-marker
	if n := value[int](t, owner, "SELECT count(*)::int FROM public.done"); n != 1 {
		t.Errorf("done %d times", n)
	}
	exec(t, owner, "SELECT FROM romashka.claim_job('a sidecar', '1 minute', '{}', 'in_sql')")
	exec(t, owner, "UPDATE romashka.jobs SET next_run = now() WHERE name = 'in_sql'")
	if got := value[string](t, owner, cron); got != "-" {
		t.Errorf("pg_cron did what a sidecar is at: %s", got)
	}
}

// Now does a job that is not due, under the same claim.
func TestNow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := project(t)
	rebuilt := false
	job := jobs.Job{
		Name: "probe", Every: time.Hour,
		Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
			return jobs.Result{Text: "done", Idle: true}, insert(ctx, conn, "x")
		},
		Rebuild: func(context.Context, *pgx.Conn) (jobs.Result, error) {
			rebuilt = true
			return jobs.Result{}, errors.New("no luck")
		},
	}
	r, err := jobs.New(jobs.Options{URL: url, Logger: slog.New(slog.DiscardHandler), Jobs: []jobs.Job{job}})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := r.Now(ctx, "probe", false); err != nil || done.Outcome != jobs.Succeeded || done.Result != "done" || done.ID == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err := r.Now(ctx, "probe", true); err != nil || done.Outcome != jobs.Failed || done.Result != "no luck" || !rebuilt {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err := r.Now(ctx, "retention", false); err != nil || done.Result != "0 rows deleted" {
		t.Errorf("%+v, %v", done, err)
	}
	if value[string](t, owner, "SELECT next_run::text FROM romashka.jobs WHERE name = 'retention'") != "infinity" {
		t.Error("a job that is off is on")
	}
	runs, err := r.History(ctx, "probe", 1)
	if err != nil || len(runs) != 1 || runs[0].Outcome != jobs.Failed {
		t.Errorf("history: %+v, %v", runs, err)
	}
	if _, err := r.Now(ctx, "retention", true); err == nil || !strings.Contains(err.Error(), "cannot be rebuilt") {
		t.Errorf("a rebuild that is none: %v", err)
	}
	_, err = r.Now(ctx, "nonsense", false)
	if unknown, ok := errors.AsType[*jobs.UnknownError](err); !ok || strings.Join(unknown.Names, " ") != "alerts daily_metrics journey kpi partitions probe realtime retention" {
		t.Errorf("a name that is none: %v", err)
	}
	exec(t, owner, "SELECT FROM romashka.claim_job('a sidecar', '1 minute', '{probe}', 'probe')")
	if _, err := r.Now(ctx, "probe", false); err == nil || !strings.Contains(err.Error(), "by a sidecar") {
		t.Errorf("a job that is under way: %v", err)
	}
}

// Rows older than 30 days leave the history.
func TestHistoryIsShort(t *testing.T) {
	t.Parallel()
	_, owner := project(t)
	exec(t, owner, `INSERT INTO romashka.job_runs (job, owner, started_at, finished_at, outcome)
		SELECT 'old', 'x', now() - d * interval '1 day', now() - d * interval '1 day', 'succeeded' FROM unnest(ARRAY[29, 31, 40]) AS d`)
	if n := value[int](t, owner, "SELECT count(*)::int FROM romashka.job_runs"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestLifeUnderStress(t *testing.T) {
	t.Parallel()
	url, _ := project(t)
	job := jobs.Job{Name: "probe", Every: time.Second, Run: func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		return jobs.Result{}, insert(ctx, conn, "x")
	}}
	for _, address := range []string{url, "postgres://nobody@127.0.0.1:1/none"} {
		servicetest.Stress(t, func() servicetest.Service {
			r, err := jobs.New(jobs.Options{URL: address, Logger: slog.New(slog.DiscardHandler), Jobs: []jobs.Job{job}, Look: time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}, func(s servicetest.Service) { s.(*jobs.Runner).Stats() })
	}
}

func TestJobsThatAreNone(t *testing.T) {
	t.Parallel()
	run := func(context.Context, *pgx.Conn) (jobs.Result, error) { return jobs.Result{}, nil }
	for name, list := range map[string][]jobs.Job{
		"no name":  {{Every: time.Hour, Run: run}},
		"bad name": {{Name: "Daily Metrics", Every: time.Hour, Run: run}},
		"no pause": {{Name: "x", Every: time.Millisecond, Run: run}},
		"no run":   {{Name: "x", Every: time.Hour}},
		"twice":    {{Name: "x", Every: time.Hour, Run: run}, {Name: "x", Every: time.Hour, Run: run}},
	} {
		if _, err := jobs.New(jobs.Options{URL: "postgres://x", Logger: slog.New(slog.DiscardHandler), Jobs: list}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
