package gateway_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/romashka/sidecar/internal/edge/gateway"
	"github.com/romashka/sidecar/internal/edge/server"
)

// tell answers with the request that arrived.
func tell(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	io.WriteString(w, "upstream "+r.Method+" "+r.RequestURI+" "+string(body))
}

func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	up := upstream(t, tell)
	signIn := server.Mount{Prefix: "/auth/v1", Handler: func(c *fiber.Ctx) error { return c.SendString("built in") }}
	withSignIn := func(s *settings) { s.server.Mounts = []server.Mount{signIn} }
	everything := func(s *settings) { s.Claims = claims(t, "all") }
	for _, tt := range []struct {
		name, upstream, path string
		header               string
		change               func(*settings)
		want                 string // how the answer begins
	}{
		{name: "sign-in", upstream: up.URL, path: "/auth/v1/token?grant_type=password", want: "upstream GET /auth/v1/token?grant_type=password"},
		{name: "the prefix itself", upstream: up.URL, path: "/auth/v1", want: "upstream GET /auth/v1 "},
		{name: "only whole segments", upstream: up.URL, path: "/auth/v10", want: "upstream GET /rest/v1/auth/v10"},
		{name: "storage", upstream: up.URL, path: "/storage/v1/object/a/b%2Fc%20d", want: "upstream GET /storage/v1/object/a/b%2Fc%20d "},
		{name: "functions", upstream: up.URL, path: "/functions/v1/hello", want: "upstream GET /functions/v1/hello "},
		{name: "realtime", upstream: up.URL, path: "/realtime/v1/api/tenants", want: "upstream GET /realtime/v1/api/tenants "},
		{name: "graphql", upstream: up.URL, path: "/graphql/v1", want: "upstream GET /graphql/v1 "},
		{name: "odd escapes", upstream: up.URL, path: "/storage/v1//x/%e4%BD?a=%2F&b=a+b&&c", want: "upstream GET /storage/v1//x/%e4%BD?a=%2F&b=a+b&&c "},
		{name: "empty query", upstream: up.URL, path: "/storage/v1/x?", want: "upstream GET /storage/v1/x? "},
		{name: "base path", upstream: up.URL + "/base/", path: "/auth/v1/user", want: "upstream GET /base/auth/v1/user "},

		{name: "our table", upstream: up.URL, path: "/rest/v1/security_incidents?select=*", want: "engine GET /security_incidents "},
		{name: "our function", upstream: up.URL, path: "/rest/v1/rpc/get_security_metrics", want: "engine GET /rpc/get_security_metrics "},
		{name: "our description", upstream: up.URL, path: "/rest/v1/", want: "engine GET / "},
		{name: "an older table", upstream: up.URL, path: "/rest/v1/conversations?select=*&status=eq.active", want: "upstream GET /rest/v1/conversations?select=*&status=eq.active "},
		{name: "an older function", upstream: up.URL, path: "/rest/v1/rpc/other", want: "upstream GET /rest/v1/rpc/other "},
		{name: "another schema", upstream: up.URL, path: "/rest/v1/security_incidents", header: "Accept-Profile: old", want: "upstream GET /rest/v1/security_incidents "},
		{name: "the schema by name", upstream: up.URL, path: "/rest/v1/security_incidents", header: "Accept-Profile: public", want: "engine GET /security_incidents "},
		{name: "all is ours", upstream: up.URL, path: "/rest/v1/conversations", change: everything, want: "engine GET /conversations "},
		{name: "all of tables is not all", upstream: up.URL, path: "/auth/v1/user", change: everything, want: "upstream GET /auth/v1/user "},
		{name: "PostgREST's root", upstream: up.URL, path: "/conversations?a=b%20c", want: "upstream GET /rest/v1/conversations?a=b%20c "},
		{name: "an older function at the root", upstream: up.URL, path: "/rpc/get_next_ai_response_job", want: "upstream GET /rest/v1/rpc/get_next_ai_response_job "},
		{name: "our table at the root", upstream: up.URL, path: "/security_incidents", want: "engine GET /security_incidents "},
		{name: "our table in another schema", upstream: up.URL, path: "/security_incidents", header: "Accept-Profile: old", want: "upstream GET /rest/v1/security_incidents "},
		{name: "the root's description", upstream: up.URL, path: "/", want: "engine GET / "},
		{name: "all is ours at the root", upstream: up.URL, path: "/conversations", change: everything, want: "engine GET /conversations "},
		{name: "no upstream at the root", path: "/conversations", want: "engine GET /conversations "},

		{name: "no upstream", path: "/storage/v1/object/a", want: `{"code":"ROM521","details":"The setting SUPABASE_URL is missing."`},
		{name: "no upstream: every table is ours", path: "/rest/v1/conversations", want: "engine GET /conversations "},
		{name: "built-in sign-in", path: "/auth/v1/token", change: withSignIn, want: "built in"},
		{name: "built-in sign-in before an upstream", upstream: up.URL, path: "/auth/v1/token", change: withSignIn, want: "built in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*settings){}
			if tt.change != nil {
				change = append(change, tt.change)
			}
			s := start(t, tt.upstream, change...)
			res, body := get(t, s.URL+tt.path, tt.header)
			if !strings.HasPrefix(body, tt.want) {
				t.Errorf("%d %q, want %q", res.StatusCode, body, tt.want)
			}
		})
	}
}

func TestMissingUpstreamIsSaid(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		for _, path := range []string{"/auth/v1/user", "/storage/v1/x", "/functions/v1/x", "/realtime/v1/websocket", "/graphql/v1"} {
			res, body := do(t, client(t), request(t, method, s.URL+path, strings.NewReader("body"), "Origin: http://app"))
			same(t, "status", res.StatusCode, http.StatusNotFound)
			same(t, "type", res.Header.Get("Content-Type"), "application/json; charset=utf-8")
			same(t, "CORS", res.Header.Get("Access-Control-Allow-Origin"), "*")
			has(t, body, `"code":"ROM521"`, "SUPABASE_URL", `"message":`, `"hint":`)
		}
	}
	logged(t, s.Log, "level=INFO", "path=/graphql/v1", "status=404", "code=ROM521") // nobody has to act, and no alert counts it
}

func TestNewChecksTheURL(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"project.supabase.co", "ftp://x", "https://", "http://u:secret@x", "http://x?a=b", ":"} {
		_, err := gateway.New(gateway.Options{Upstream: u, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", u, err)
		}
	}
	if _, err := gateway.New(gateway.Options{}); err == nil {
		t.Error("made without a logger")
	}
}
