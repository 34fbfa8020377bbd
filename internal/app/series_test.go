package app_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// seriesName finds what looks like one of our series, or of the process, in an
// expression. Read-only.
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
	_, api := database(t)
	r := start(t, api, map[string]string{"admin-server-port": freePort(t)}).ready(t)
	ask(t, "GET", r.URL+"/items", "", "Authorization: Bearer "+token(t, "authenticated"))
	_, metrics, header := ask(t, "GET", r.Admin+"/metrics", "")
	if !strings.HasPrefix(header.Get("Content-Type"), "text/plain") {
		t.Errorf("content type %q", header.Get("Content-Type"))
	}
	var exist []string
	for line := range strings.Lines(metrics) {
		if name, _, _ := strings.Cut(strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '{' })[0], "\n"); name != "#" {
			exist = append(exist, name)
		}
	}
	shown := expressions(t, "../observe/grafana/dashboard.json")
	alerts := rules(t, "../observe/grafana/alerts.yaml")
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
		`romashka_stage_duration_seconds_count{stage="auth"} 1`, `romashka_stage_duration_seconds_count{stage="render"} 1`,
		"romashka_http_requests_in_flight 0", "pgrst_db_pool_max 10", "pgrst_jwt_cache_requests_total 1",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("missing %q in:\n%s", want, metrics)
		}
	}
}
