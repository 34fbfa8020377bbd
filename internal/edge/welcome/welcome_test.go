package welcome_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/edge/welcome"
	"github.com/romashka/sidecar/internal/postgrest"
)

// Only a client that wants HTML before all else gets the page.
func TestWanted(t *testing.T) {
	t.Parallel()
	const firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	const chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
	for _, tt := range []struct {
		method, path, accept string
		want                 bool
	}{
		{"GET", "/", firefox, true}, {"GET", "/", chrome, true}, {"HEAD", "/", firefox, true}, {"GET", "/", "text/html", true},
		{"GET", "/", "TEXT/HTML;q=0.5, application/json;q=0.4", true},
		{"GET", "/", "", false}, {"GET", "/", "*/*", false}, {"GET", "/", "application/json", false}, {"GET", "/", "application/openapi+json", false},
		{"GET", "/", "text/html, */*", false}, {"GET", "/", "text/html;q=0.5, application/json", false}, {"GET", "/", "text/html;q=0", false},
		{"GET", "/", "application/vnd.pgrst.object+json, text/html", false}, {"GET", "/", "text/*", false}, {"GET", "/", "text/html;q=nonsense, */*", false},
		{"POST", "/", firefox, false}, {"GET", "/profiles", firefox, false}, {"OPTIONS", "/", firefox, false},
	} {
		if got := welcome.Wanted(tt.method, tt.path, func(string) string { return tt.accept }); got != tt.want {
			t.Errorf("%s %s, Accept %q: %t", tt.method, tt.path, tt.accept, got)
		}
	}
}

// page makes one over a description that does not change.
func page(t *testing.T, o welcome.Options) *welcome.Page {
	t.Helper()
	text, err := os.ReadFile("../../postgrest/openapi/testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	o.API = func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Path != "/" || req.Header[len(req.Header)-1].Value != "application/openapi+json" {
			t.Errorf("asked %+v", req)
		}
		return &postgrest.Response{Status: 200, Body: text[:10], Rest: [][]byte{text[10:]}}
	}
	p, err := welcome.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func show(p *welcome.Page, host string) string {
	req := &postgrest.Request{Method: "GET", Path: "/", Header: []postgrest.Field{{Name: "host", Value: host}, {Name: "accept", Value: "text/html"}}}
	return string(p.Call(context.Background(), req, netip.Addr{}).Body)
}

// Keys and users are shown on a developer's machine alone, and not to a page that
// has found a name of its own for that machine.
func TestKeysAreShownHereAlone(t *testing.T) {
	t.Parallel()
	dev := &welcome.Dev{Role: "service_role", Keys: []welcome.Pair{{"anon", "key-a"}, {"service_role", "key-s"}}, Users: []welcome.Pair{{"a@b.test", "pass-w"}}}
	p := page(t, welcome.Options{Root: "/rest/v1", Dev: dev})
	for host, shown := range map[string]bool{
		"127.0.0.1:54399": true, "localhost": true, "[::1]:54399": true, "evil.test": false, "localhost.evil.test": false, "10.0.0.5": false, "": false, "a'b$(x)": false,
	} {
		text := show(p, host)
		if strings.Contains(text, "key-s") != shown || strings.Contains(text, "pass-w") != shown {
			t.Errorf("%q: shown = %t", host, !shown)
		}
		if strings.Contains(text, "$(x)") {
			t.Errorf("%q is in a command", host)
		}
	}
	if text := show(page(t, welcome.Options{Root: "/rest/v1", Role: func() string { return "anon" }}), "127.0.0.1"); strings.Contains(text, "<h2>Keys") || !strings.Contains(text, "$SUPABASE_ANON_KEY") {
		t.Error(text)
	}
}

// The description is in OpenAPI 3.1, under the address that clients use.
func TestDescription(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o    welcome.Options
		want string
	}{{welcome.Options{Root: "/rest/v1"}, "/rest/v1"}, {welcome.Options{Root: "/rest/v1", Server: "https://a.test/rest/v1"}, "https://a.test/rest/v1"}} {
		res := page(t, tt.o).Description(context.Background(), &postgrest.Request{Method: "GET", Path: "/", Role: "anon"}, netip.Addr{})
		var got struct {
			OpenAPI string
			Servers []struct{ URL string }
		}
		if err := json.Unmarshal(res.Body, &got); err != nil || got.OpenAPI != "3.1.0" || got.Servers[0].URL != tt.want {
			t.Errorf("%+v, %v", got, err)
		}
	}
}
