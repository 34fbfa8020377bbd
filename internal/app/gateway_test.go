package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
)

// What is not ours goes to the project, where there is one.
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
	none := map[string]string{"supabase-anon-key": "x"}
	for _, tt := range []struct {
		name     string
		settings map[string]string
		path     string
		want     string // how the answer begins
	}{
		{"sign-in", beside, "/auth/v1/user", "project /auth/v1/user 127.0.0.1"},
		{"not ours", beside, "/rest/v1/items?select=id", "project /rest/v1/items 127.0.0.1"},
		{"PostgREST's root", beside, "/items?select=id", `[{"id":1}`},
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
