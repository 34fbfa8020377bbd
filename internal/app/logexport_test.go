package app_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
)

// With a collector alone, requests are its log records, without their query, and the
// log says what has nothing of them.
func TestLogExport(t *testing.T) {
	t.Parallel()
	var seen buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/logs" {
			return
		}
		if body, err := gzip.NewReader(r.Body); err == nil {
			_, _ = io.Copy(&seen, body)
		}
		_, _ = seen.Write([]byte(r.Header.Get("X-Key")))
	}))
	defer collector.Close()
	_, api := database(t)
	r := start(t, api, map[string]string{
		"romashka-otlp-endpoint": collector.URL, "romashka-api-log": "otlp", "romashka-api-log-headers": "x-key=of%20test",
	}).ready(t)
	ask(t, "GET", r.URL+"/items?name=eq.a-value", "")
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"romashka.api.request", "url.path", "/items", "anon", "of test"} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("no record has %q", want)
		}
	}
	if strings.Contains(seen.String(), "a-value") {
		t.Error("a record has the query")
	}
	if !strings.Contains(r.Log.String(), "the API log goes to the collector alone") || strings.Contains(r.Log.String(), "of test") {
		t.Errorf("the log:\n%s", r.Log)
	}
}

func TestLogExportRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		settings map[string]string
		want     string
	}{
		{map[string]string{"romashka-api-log": "both"}, "romashka-api-log is both, but neither romashka-api-log-endpoint nor romashka-otlp-endpoint is set"},
		{map[string]string{"romashka-api-log": "otlp", "romashka-api-log-endpoint": "http://127.0.0.1:1/x", "romashka-api-log-headers": "secret"}, "romashka-api-log-headers is not a list"},
	} {
		tt.settings["db-uri"] = "postgres://127.0.0.1:1/x"
		cfg, err := config.Load(config.Sources{Flags: tt.settings})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.New(cfg, app.Options{LogTo: io.Discard}); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v, want %s", tt.settings, err, tt.want)
		}
	}
}
