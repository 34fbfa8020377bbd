package app_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
)

// Paths that are not ours go to the project, if there is one.
func TestGateway(t *testing.T) {
	t.Parallel()
	project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "project "+r.URL.Path+" "+r.Header.Get("X-Forwarded-For"))
	}))
	t.Cleanup(project.Close)
	_, api := database(t)
	beside := map[string]string{"supabase-url": project.URL}
	own := map[string]string{"supabase-url": project.URL, "romashka-serve": "items"}
	all := map[string]string{"supabase-url": project.URL, "romashka-serve": "all", "romashka-trusted-proxies": "127.0.0.1"}
	none := map[string]string{"supabase-anon-key": publishable}
	for _, tt := range []struct {
		name     string
		settings map[string]string
		path     string
		want     string // how the answer begins
	}{
		{"sign-in", beside, "/auth/v1/user", "project /auth/v1/user 127.0.0.1"},
		{"not ours", beside, "/rest/v1/items?select=id", "project /rest/v1/items 127.0.0.1"},
		{"not ours at the root", beside, "/items?select=id", "project /rest/v1/items 127.0.0.1"},
		{"ours at the root", own, "/items?select=id", `[{"id":1}`},
		{"ours", own, "/rest/v1/items?select=id", `[{"id":1}`},
		{"another", own, "/rest/v1/others", "project /rest/v1/others 127.0.0.1"},
		{"all", all, "/rest/v1/items?select=id", `[{"id":1}`},
		{"all, and a proxy", all, "/storage/v1/x", "project /storage/v1/x 198.51.100.1, 127.0.0.1"},
		{"no project", none, "/auth/v1/user", `{"code":"ROM521"`},
		{"no project, but tables", none, "/rest/v1/items?select=id", `[{"id":1}`},
		{"PostgREST alone", nil, "/auth/v1/user", `{"code":"PGRST125"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, api, tt.settings).ready(t)
			req, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Forwarded-For", "198.51.100.1")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			if !strings.HasPrefix(string(body), tt.want) {
				t.Errorf("%d %s, want %s", res.StatusCode, body, tt.want)
			}
		})
	}
}

func TestGatewaySettingsAreNamed(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"romashka-serve": "a/b", "log-level": "crit"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(cfg, app.Options{LogTo: io.Discard}); err == nil || !strings.HasPrefix(err.Error(), `romashka-serve (ROMASHKA_SERVE): "a/b" is neither`) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// Each request that is passed on moves the series of its service, and is a
// part of its trace, whose name reaches the project.
func TestUpstreamIsMeasuredAndTraced(t *testing.T) {
	t.Parallel()
	parents := make(chan string, 1)
	project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/storage/v1/trace":
			parents <- r.Header.Get("Traceparent")
		case "/functions/v1/broken":
			panic(http.ErrAbortHandler)
		case "/auth/v1/refuse":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(project.Close)
	var spans buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(&spans, r.Body) }))
	t.Cleanup(collector.Close)
	_, api := database(t)
	r := start(t, api, map[string]string{
		"supabase-url": project.URL, "romashka-otlp-endpoint": collector.URL, "admin-server-port": freePort(t),
	}).ready(t)
	const trace, client = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for path, want := range map[string]int{
		"/storage/v1/trace?token=a-value": 200, "/auth/v1/refuse": 401, "/rest/v1/items": 200, "/functions/v1/broken": 502,
	} {
		status, _, _ := ask(t, "POST", r.URL+path, "", "Traceparent: 00-"+trace+"-"+client+"-01")
		same(t, path, status, want)
	}
	_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
	for _, want := range []string{
		`romashka_upstream_duration_seconds_count{service="storage"} 1`, `romashka_upstream_duration_seconds_count{service="auth"} 1`,
		`romashka_upstream_duration_seconds_count{service="rest"} 1`, `romashka_upstream_duration_seconds_count{service="functions"} 1`,
		`romashka_upstream_errors_total{service="functions"} 1`, `romashka_upstream_errors_total{service="storage"} 0`,
		`romashka_upstream_errors_total{service="auth"} 0`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("missing %q in:\n%s", want, metrics)
		}
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	parent := strings.Split(<-parents, "-")
	if len(parent) != 4 || parent[1] != trace || parent[2] == client {
		t.Fatalf("the project got the parent %q", parent)
	}
	exported := hex.EncodeToString([]byte(spans.String()))
	// In the exported bytes a span's id (field 2) stands before its parent's (4).
	above := regexp.MustCompile("1208" + parent[2] + "2208([0-9a-f]{16})").FindStringSubmatch(exported)
	if above == nil || !strings.Contains(exported, "1208"+above[1]+"2208"+client) {
		t.Errorf("the upstream's parent is not below the client's request: %v", above)
	}
	if strings.Contains(spans.String(), "a-value") {
		t.Error("a span holds the query")
	}
}
