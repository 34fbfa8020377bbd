package observe_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/platform/observe"
)

// collector takes traces and keeps their bytes, in which names stand as text.
type collector struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	c.text.WriteString(r.URL.Path + " ")
	c.text.Write(body)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func TestTraces(t *testing.T) {
	t.Parallel()
	var c collector
	s := httptest.NewServer(&c)
	defer s.Close()
	tracer, err := observe.NewTracer(context.Background(), observe.TraceOptions{Endpoint: s.URL + "/", Version: "test", Stages: []string{"auth", "parse", "plan", "query", "database", "render"}, Logger: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	const trace = "0af7651916cd43dd8448eb211c80319c"
	tracer.Record(&observe.Span{
		Started: time.Now(), Took: 5 * time.Millisecond, Parent: "00-" + trace + "-b7ad6b7169203331-01",
		Method: "GET", Path: "/rest/v1/items", Route: "rest", RequestID: "id-1", Role: "anon", Status: 503, Code: "PGRST000",
		Stages: []time.Duration{time.Millisecond, 0, time.Millisecond, 0, time.Millisecond},
	})
	if err := tracer.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	got := c.text.String()
	for _, want := range []string{"/v1/traces ", "GET rest", "/rest/v1/items", "id-1", "anon", "PGRST000", "romashka", "auth", "plan", "database", "\x0a\xf7\x65\x19"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in %q", want, got)
		}
	}
	if strings.Contains(got, "render") {
		t.Error("a stage that was not reached has a span")
	}
}

func TestNoTracesWithoutEndpoint(t *testing.T) {
	t.Parallel()
	tracer, err := observe.NewTracer(context.Background(), observe.TraceOptions{})
	if tracer != nil || err != nil {
		t.Fatalf("%v, %v", tracer, err)
	}
	tracer.Record(&observe.Span{})
	if err := tracer.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
