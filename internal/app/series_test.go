package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// seriesName finds names in an expression that look like one of our series, or
// of the process. Read-only.
var seriesName = regexp.MustCompile(`\b(romashka|pgrst|go|process)_[a-z_]+`)

// expressions are those of a dashboard.
func expressions(t *testing.T, file string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Type, Query string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			list = append(list, target.Expr)
		}
	}
	for _, v := range dashboard.Templating.List {
		if v.Type == "query" {
			list = append(list, v.Query)
		}
	}
	return list
}

// rules are the expressions of an alert file: one "expr:" a line.
func rules(t *testing.T, file string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if expr, ok := strings.CutPrefix(strings.TrimSpace(line), "expr: "); ok {
			list = append(list, expr)
		}
	}
	return list
}

// Dashboard and alerts name only series that /metrics has, and of our series
// the dashboard leaves none out.
func TestDashboardsNameSeriesThatExist(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	admin := pgtest.As(t, owner, devdb.Superuser)
	m, err := migrator.New(admin, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := start(t, api, map[string]string{
		"admin-server-port": freePort(t), "romashka-jobs": "true", "romashka-db-background-uri": admin, "romashka-api-log": "false",
		"romashka-db-replica-uris": api, // of the primary itself, which is not used
	}).ready(t)
	ask(t, "GET", r.URL+"/items", "", "Authorization: Bearer "+token(t, "authenticated"))
	metrics, header := r.metricsWith(t, "romashka_job_success_age_seconds")
	if !strings.HasPrefix(header.Get("Content-Type"), "text/plain") {
		t.Errorf("content type %q", header.Get("Content-Type"))
	}
	var exist []string
	for line := range strings.Lines(metrics) {
		if name, _, _ := strings.Cut(strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '{' })[0], "\n"); name != "#" {
			exist = append(exist, name)
		}
	}
	shown := expressions(t, "../platform/observe/grafana/dashboard.json")
	alerts := rules(t, "../platform/observe/grafana/alerts.yaml")
	if len(shown) < 20 || len(alerts) < 10 {
		t.Fatalf("%d expressions, %d rules", len(shown), len(alerts))
	}
	var named []string
	for _, expr := range append(shown, alerts...) {
		found := seriesName.FindAllString(expr, -1)
		if len(found) == 0 {
			t.Errorf("no series in %q", expr)
		}
		named = append(named, found...)
	}
	for _, name := range named {
		if !slices.Contains(exist, name) {
			t.Errorf("there is no series %s", name)
		}
	}
	for _, name := range exist {
		name = strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count")
		ours := strings.HasPrefix(name, "romashka_") || strings.HasPrefix(name, "pgrst_")
		if ours && !slices.Contains(named, name) && !slices.Contains(named, name+"_bucket") {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
	for _, want := range []string{
		`romashka_http_requests_total{role="authenticated",route="rest",status="200"} 1`, `romashka_stage_duration_seconds_count{stage="database"} 1`,
		`romashka_stage_duration_seconds_count{stage="auth"} 1`, `romashka_stage_duration_seconds_count{stage="query"} 1`, `romashka_stage_duration_seconds_count{stage="render"} 1`,
		"romashka_http_requests_in_flight 0", "pgrst_db_pool_max 10", "pgrst_jwt_cache_requests_total 1",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("missing %q in:\n%s", want, metrics)
		}
	}
}

// metricsWith asks for /metrics until they have a series.
func (r *running) metricsWith(t *testing.T, series string) (string, http.Header) {
	t.Helper()
	limit := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, metrics, header := ask(t, "GET", r.Admin+"/metrics", "")
		if strings.Contains(metrics, "\n"+series) {
			return metrics, header
		}
		select {
		case <-limit:
			t.Fatalf("no %s in:\n%s", series, metrics)
		case <-tick.C:
		}
	}
}

// value is that of a series without labels, or of one with them written out.
func value(t *testing.T, metrics, series string) string {
	t.Helper()
	for line := range strings.Lines(metrics) {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	t.Fatalf("no series %s in:\n%s", series, metrics)
	return ""
}

// The series of the pool count the requests that have a connection and those
// that wait for one.
func TestPoolSeries(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{"admin-server-port": freePort(t), "db-pool": "2"}).ready(t)
	ctx, leave := context.WithCancel(t.Context())
	var asked sync.WaitGroup
	for range 5 {
		asked.Go(func() {
			req, err := http.NewRequestWithContext(ctx, "GET", r.URL+"/rpc/wait?seconds=60", nil)
			if err != nil {
				t.Error(err)
				return
			}
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
		})
	}
	want := map[string]string{
		"pgrst_db_pool_max": "2", "pgrst_db_pool_available": "0", "pgrst_db_pool_waiting": "3", "pgrst_db_pool_timeouts_total": "0",
		"romashka_db_pool_in_use": "2", "romashka_db_pool_idle": "0", "romashka_db_pool_opened_total": "2",
	}
	shows := func(want map[string]string) func() bool {
		return func() bool {
			_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
			for series, v := range want {
				if value(t, metrics, series) != v {
					return false
				}
			}
			return true
		}
	}
	eventually(t, "two are served and three wait", shows(want))
	leave()
	asked.Wait()
	eventually(t, "nobody is served or waits", shows(map[string]string{
		"romashka_db_pool_in_use": "0", "pgrst_db_pool_waiting": "0", "pgrst_db_pool_available": "2", "romashka_db_pool_waits_total": "3",
		"romashka_http_clients_gone_total": "5",
	}))
	_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
	for _, series := range []string{"romashka_db_pool_wait_seconds_total", "romashka_db_pool_open_seconds_total"} {
		if value(t, metrics, series) == "0" {
			t.Errorf("%s is 0", series)
		}
	}
}

// Loads of the schema cache that fail are counted beside those that do not.
func TestSchemaCacheSeries(t *testing.T) {
	t.Parallel()
	r := start(t, "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", map[string]string{"admin-server-port": freePort(t)})
	eventually(t, "a failed load", func() bool {
		_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
		return value(t, metrics, `pgrst_schema_cache_loads_total{status="FAIL"}`) != "0" &&
			value(t, metrics, `pgrst_schema_cache_loads_total{status="SUCCESS"}`) == "0"
	})
}
