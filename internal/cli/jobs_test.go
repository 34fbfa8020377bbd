package cli_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The timetable, one job at once, and its rows in the history.
func TestJobs(t *testing.T) {
	t.Parallel()
	url := ownDatabase(t)
	if got := run(t, nil, "jobs", "list", "--db-url", url); got.code != 1 || !strings.Contains(got.errOut, "romashka migrate up brings them") {
		t.Errorf("before the migrations: %+v", got)
	}
	if got := run(t, nil, "migrate", "up", "--db-url", url); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	background := []string{"ROMASHKA_DB_BACKGROUND_URI=" + url}
	if got := run(t, background, "jobs", "list"); got.code != 0 || !strings.Contains(got.out, "retention") || !strings.Contains(got.out, "due") {
		t.Errorf("list: %+v", got)
	}
	names := []string{"daily_metrics", "retention"}
	for _, name := range names {
		got := run(t, background, "jobs", "run", name, "--json")
		var done struct{ Job, Outcome, Result string }
		if err := json.Unmarshal([]byte(got.out), &done); err != nil || got.code != 0 || done.Job != name || done.Outcome != "succeeded" || done.Result == "" {
			t.Errorf("run %s: %+v, %v", name, got, err)
		}
	}
	if got := run(t, nil, "jobs", "run", "retention", "--db-url", url); got.code != 0 || !strings.HasPrefix(got.out, "retention succeeded in ") {
		t.Errorf("run: %+v", got)
	}
	for _, entry := range timetable(t, url) {
		ran := slices.Contains(names, entry.Name)
		if entry.Kind == "sql" && ((entry.State == "waiting") != ran || (entry.LastRun != nil) != ran) {
			t.Errorf("%+v", entry)
		}
	}
	if got := run(t, background, "jobs", "history", "retention"); got.code != 0 || strings.Count(got.out, "succeeded") != 2 || strings.Contains(got.out, "daily_metrics") {
		t.Errorf("history: %+v", got)
	}
	if got := run(t, background, "jobs", "history", "--json", "--limit", "1"); got.code != 0 || strings.Count(got.out, "\n") != 1 {
		t.Errorf("history: %+v", got)
	}
	for _, want := range []string{"changes are noted from now on", "0 conversations"} {
		if got := run(t, background, "jobs", "run", "kpi", "--rebuild"); got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("rebuild: %+v, want %s", got, want)
		}
	}
}

// job is a line of the timetable.
type job struct {
	Name, Kind, State string
	LastRun           *string `json:"last_run"`
}

func timetable(t *testing.T, url string) (list []job) {
	t.Helper()
	out := run(t, nil, "jobs", "list", "--json", "--db-url", url).out
	for line := range strings.Lines(out) {
		var entry job
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		list = append(list, entry)
	}
	if len(list) == 0 {
		t.Fatalf("no jobs: %s", out)
	}
	return list
}

// Exit codes: 1 for a job that failed or is under way, 2 for an unknown name.
func TestJobsThatAreNotRun(t *testing.T) {
	t.Parallel()
	url := ownDatabase(t)
	if got := run(t, nil, "migrate", "up", "--db-url", url); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	ctx, owner := context.Background(), pgtest.Conn(t, url)
	var names []string
	for _, entry := range timetable(t, url) {
		names = append(names, entry.Name)
	}
	slices.Sort(names)
	for statement, want := range map[string]struct {
		args []string
		code int
		says string
	}{
		"SELECT 1": {args: []string{"run", "nonsense"}, code: 2, says: "there are " + strings.Join(names, ", ")},
		"SELECT 2": {args: []string{"run"}, code: 2, says: "accepts 1 arg"},
		"SELECT 3": {args: []string{"run", "daily_metrics", "--rebuild"}, code: 1, says: "cannot be rebuilt"},
		"SELECT 4": {args: []string{"history", "--limit", "0"}, code: 2, says: "--limit"},
		"SELECT FROM romashka.claim_job('a sidecar', '1 hour', '{}', 'daily_metrics')":             {args: []string{"run", "daily_metrics"}, code: 1, says: "by a sidecar"},
		"ALTER TABLE public.data_retention_policies RENAME COLUMN auto_delete TO test_auto_delete": {args: []string{"run", "retention"}, code: 1, says: "auto_delete does not exist"},
	} {
		if _, err := owner.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
		got := run(t, nil, append(append([]string{"jobs"}, want.args...), "--db-url", url)...)
		if got.code != want.code || !strings.Contains(got.out+got.errOut, want.says) {
			t.Errorf("%v: %+v", want.args, got)
		}
	}
}
