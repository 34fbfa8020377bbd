package observe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/observe"
)

func TestCountersInPrometheusText(t *testing.T) {
	t.Parallel()
	var c observe.Counters
	c.Begin()
	c.Begin()
	c.Begin()
	c.End(200, time.Second)
	c.End(404, time.Second)
	c.Gone()

	var out strings.Builder
	if err := observe.WriteText(&out, c.Samples()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# TYPE romashka_http_requests_total counter\n",
		"romashka_http_requests_total{class=\"2xx\"} 1\n",
		"romashka_http_requests_total{class=\"4xx\"} 1\n",
		"romashka_http_request_seconds_total 2\n",
		"romashka_http_requests_in_flight 1\n",
		"romashka_http_clients_gone_total 1\n",
		"romashka_panics_total 0\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing %q in:\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "# HELP romashka_http_requests_total"); n != 1 {
		t.Errorf("%d HELP lines for one series", n)
	}
}
