package observe_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/platform/observe"
)

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	out := httptest.NewRecorder()
	m.Handler().ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	return out.Body.String()
}

func TestMetricsInPrometheusText(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("auth", "parse", "plan", "query", "database", "render")
	for range 3 {
		m.Begin()
	}
	m.End(observe.Request{Route: "rest", Role: "anon", Status: 200, Took: time.Second})
	m.End(observe.Request{Route: "rest", Role: "made_up_by_a_token", Status: 404, Took: time.Second})
	m.Gone()
	m.Limited("user")
	m.Stages([]time.Duration{time.Second, 0, 0, 0, 2 * time.Second, 0})
	m.Upstream("storage", time.Second, true)
	if err := m.Add(func() []observe.Sample {
		return []observe.Sample{
			{Name: "pool", Kind: observe.Gauge, Help: "h", Value: 10},
			{Name: "loads_total", Kind: observe.Counter, Help: "h", Label: "status", LabelValue: "SUCCESS", Value: 2},
		}
	}); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, m)
	for _, want := range []string{
		"# TYPE romashka_http_requests_total counter\n",
		`romashka_http_requests_total{role="anon",route="rest",status="200"} 1` + "\n",
		`romashka_http_requests_total{role="other",route="rest",status="404"} 1` + "\n",
		`romashka_http_request_duration_seconds_sum{route="rest"} 2` + "\n",
		"romashka_http_requests_in_flight 1\n",
		"romashka_http_clients_gone_total 1\n",
		"romashka_panics_total 0\n",
		`romashka_rate_limited_total{limit="user"} 1` + "\n",
		`romashka_stage_duration_seconds_sum{stage="database"} 2` + "\n",
		`romashka_stage_duration_seconds_count{stage="render"} 0` + "\n",
		`romashka_upstream_duration_seconds_count{service="storage"} 1` + "\n",
		`romashka_upstream_errors_total{service="storage"} 1` + "\n",
		"# TYPE pool gauge\npool 10\n",
		`loads_total{status="SUCCESS"} 2` + "\n",
		"go_goroutines ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "made_up") {
		t.Errorf("a name from outside became a label:\n%s", got)
	}
}
