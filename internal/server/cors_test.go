package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/server"
)

// The cases are PostgREST 16's own (CorsSpec), answers recorded from it, and
// what supabase-js asks for in a browser.
func TestCORS(t *testing.T) {
	t.Parallel()
	engine := func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Method == "OPTIONS" {
			return &postgrest.Response{Status: 200, Header: []postgrest.Field{field("Access-Control-Allow-Origin", "*"), field("Allow", "OPTIONS,GET,HEAD")}}
		}
		return text("rows")
	}
	open := start(t, engine)
	listed := start(t, engine, func(o *server.Options) {
		o.Settings.CORSOrigins = []string{"https://app.example.com", "https://two.example.com"}
	})
	const exposed = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit"
	const methods = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"

	for _, tt := range []struct {
		name    string
		s       *running
		method  string
		headers []string
		want    map[string]string // Access-Control-* without the prefix, and Allow
	}{
		{"preflight", open, "OPTIONS", []string{"Origin: http://example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: Foo,Bar"},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Allow-Headers": "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language", "Max-Age": "86400"}},
		{"preflight of supabase-js", open, "OPTIONS", []string{"Origin: http://localhost:5173", "Access-Control-Request-Method: HEAD", "Access-Control-Request-Headers: accept-profile,apikey,authorization,prefer,x-client-info"},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Allow-Headers": "Authorization, accept-profile, apikey, authorization, prefer, x-client-info, Accept, Accept-Language, Content-Language", "Max-Age": "86400"}},
		{"preflight without headers", open, "OPTIONS", []string{"Origin: http://example.com", "Access-Control-Request-Method: GET"},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Max-Age": "86400"}},
		{"options that is no preflight", open, "OPTIONS", []string{"Origin: http://localhost:8000"},
			map[string]string{"Allow-Origin": "*", "Allow": "OPTIONS,GET,HEAD"}},
		{"options without origin", open, "OPTIONS", nil, map[string]string{"Allow-Origin": "*", "Allow": "OPTIONS,GET,HEAD"}},
		{"preflight for an odd method", open, "OPTIONS", []string{"Origin: http://example.com", "Access-Control-Request-Method: FOO"},
			map[string]string{"Allow-Origin": "*", "Allow": "OPTIONS,GET,HEAD"}},
		{"read", open, "GET", []string{"Origin: http://example.com"}, map[string]string{"Allow-Origin": "*", "Expose-Headers": exposed}},
		{"read without origin", open, "GET", nil, map[string]string{}},
		{"listed preflight", listed, "OPTIONS", []string{"Origin: https://app.example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization, content-type, x-client-info"},
			map[string]string{"Allow-Origin": "https://app.example.com", "Allow-Credentials": "true", "Allow-Methods": methods, "Allow-Headers": "Authorization, authorization, content-type, x-client-info, Accept, Accept-Language, Content-Language", "Max-Age": "86400"}},
		{"listed read", listed, "GET", []string{"Origin: https://two.example.com"},
			map[string]string{"Allow-Origin": "https://two.example.com", "Allow-Credentials": "true", "Expose-Headers": exposed}},
		{"other origin's preflight", listed, "OPTIONS", []string{"Origin: https://evil.example.com", "Access-Control-Request-Method: POST"},
			map[string]string{"Allow-Origin": "*", "Allow": "OPTIONS,GET,HEAD"}}, // the engine's answer, as in PostgREST: useless to a browser without Allow-Methods
		{"other origin's read", listed, "GET", []string{"Origin: https://evil.example.com"}, map[string]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, body := send(t, request(t, tt.method, tt.s.URL+"/items", nil, tt.headers...))
			got := map[string]string{}
			for name, values := range res.Header {
				if short, ok := strings.CutPrefix(name, "Access-Control-"); ok || name == "Allow" {
					got[short] = strings.Join(values, " AND ")
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if tt.method == "OPTIONS" && (res.StatusCode != 200 || body != "" || res.Header.Get("Content-Length") != "0") {
				t.Errorf("%d, length %q, body %q", res.StatusCode, res.Header.Get("Content-Length"), body)
			}
		})
	}
}

func TestMountsHaveTheirOwnCORSHeaders(t *testing.T) {
	t.Parallel()
	sign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Supabase-Api-Version", "2024-01-01")
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte(r.Method + " " + r.URL.Path + " " + r.URL.RawQuery))
	})
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("engine") }, func(o *server.Options) {
		o.APIRoots = []string{"/", "/rest/v1"}
		o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: server.HTTP(sign), ExposeHeaders: "X-Supabase-Api-Version"}}
	})
	res, body := send(t, request(t, "POST", s.URL+"/auth/v1/token?grant_type=password", strings.NewReader("{}"), "Origin: http://x"))
	same(t, "status", res.StatusCode, 418)
	same(t, "body", body, "POST /auth/v1/token grant_type=password")
	same(t, "origin", res.Header.Get("Access-Control-Allow-Origin"), "*")
	same(t, "exposed", res.Header.Get("Access-Control-Expose-Headers"), "X-Supabase-Api-Version")

	res, _ = send(t, request(t, "OPTIONS", s.URL+"/auth/v1/token", nil, "Origin: http://x", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-supabase-api-version"))
	same(t, "preflight", res.StatusCode, 200)
	same(t, "allowed", res.Header.Get("Access-Control-Allow-Headers"), "Authorization, x-supabase-api-version, Accept, Accept-Language, Content-Language")
}
