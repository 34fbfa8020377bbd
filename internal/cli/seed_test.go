package cli_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestSeed loads both, twice each.
func TestSeed(t *testing.T) {
	t.Parallel()
	url := ownDatabase(t)
	environ := []string{"PGRST_DB_URI=" + url}
	if got := run(t, environ, "seed", "--demo", "--rows", "3000"); got.code != 1 || !strings.Contains(got.errOut, "pending; apply them first") {
		t.Errorf("before the migrations: %+v", got)
	}
	if got := run(t, environ, "migrate", "up"); got.code != 0 {
		t.Fatalf("up: %+v", got)
	}
	if got := run(t, environ, "seed"); got.code != 1 || !strings.Contains(got.errOut, "no profile") {
		t.Errorf("a sample of nobody: %+v", got)
	}
	conn := pgtest.Conn(t, url)
	if _, err := conn.Exec(context.Background(), `INSERT INTO romashka.jobs (name, every, next_run) VALUES ('forecast', '6 hours', now() + interval '6 hours'), ('staffing', '6 hours', 'infinity')
		ON CONFLICT (name) DO UPDATE SET next_run = EXCLUDED.next_run`); err != nil {
		t.Fatal(err)
	}
	if got := run(t, environ, "seed", "--demo", "--rows", "3000", "--seed", "3"); got.code != 0 || !strings.HasPrefix(got.out, "3000 rows of demo tenant 3 in ") {
		t.Errorf("demo: %+v", got)
	}
	var due []string
	if err := conn.QueryRow(context.Background(), "SELECT array_agg(name) FROM romashka.jobs WHERE name IN ('forecast', 'staffing') AND next_run <= now()").Scan(&due); err != nil || len(due) != 1 || due[0] != "forecast" {
		t.Errorf("due after a demo: %v, %v; want forecast, and not the one that is turned off", due, err)
	}
	if got := run(t, environ, "seed", "--demo", "--rows", "3000"); got.code != 1 || !strings.Contains(got.errOut, "--replace") {
		t.Errorf("demo again: %+v", got)
	}
	if got := run(t, environ, "seed", "--demo", "--rows", "3000", "--replace", "--until", "2026-03-02T15:00:00Z"); got.code != 0 {
		t.Errorf("demo, replaced: %+v", got)
	}
	incidents := func() (n int) {
		t.Helper()
		if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM security_incidents").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := incidents()
	var rules []string
	var loose int
	if err := conn.QueryRow(context.Background(), `SELECT array_agg(DISTINCT detection_method ORDER BY detection_method),
		count(*) FILTER (WHERE NOT EXISTS (SELECT FROM api_security_logs AS l WHERE i.metadata -> 'sample' ? l.id::text)
			AND NOT EXISTS (SELECT FROM security_sessions AS s WHERE i.metadata -> 'sample' ? s.id::text))
		FROM security_incidents AS i`).Scan(&rules, &loose); err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{"api.attack_tool_or_payload", "api.enumeration", "auth.bruteforce.ip", "auth.spray.distributed", "auth.success_after_fail"} {
		if !slices.Contains(rules, rule) {
			t.Errorf("nothing found by %s in the demo's log, only %v", rule, rules)
		}
	}
	if loose > 0 {
		t.Errorf("%d incidents rest on no row that is there", loose)
	}
	for range 2 {
		if got := run(t, environ, "seed"); got.code != 0 || got.out != "the sample is loaded\n" {
			t.Errorf("sample: %+v", got)
		}
	}
	if n := incidents() - before; n != 3 {
		t.Errorf("the sample, loaded twice, has %d incidents, want 3", n)
	}
	for _, args := range [][]string{{"--demo", "--rows", "5"}, {"--demo", "--until", "tomorrow"}, {"--seed", "-1"}} {
		if got := run(t, environ, append([]string{"seed"}, args...)...); got.code != 2 {
			t.Errorf("seed %v: %+v", args, got)
		}
	}
}
