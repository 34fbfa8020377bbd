package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

// also are the headers that a browser may read beyond PostgREST's list.
const also = ", Allow, Content-Length, Content-Profile, Preference-Applied, Proxy-Status, RateLimit-Limit, RateLimit-Remaining, " +
	"RateLimit-Reset, Retry-After, Server-Timing, Warning, WWW-Authenticate, X-Request-Id"

// The cases are PostgREST 16's own (CorsSpec), answers recorded from it, and
// supabase-js's questions in a browser.
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
	keyed := start(t, engine, func(o *server.Options) { o.APIKeys = true })
	limited := start(t, engine, func(o *server.Options) { o.Limiter = limiter(t) })
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
		{"preflight with what is no name", open, "OPTIONS", []string{"Origin: http://example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: Foo, a b, <x>,,Bar"},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Allow-Headers": "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language", "Max-Age": "86400"}},
		{"preflight with too much", open, "OPTIONS", []string{"Origin: http://example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: " + strings.Repeat("x-long,", 1000)},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Allow-Headers": "Authorization, Accept, Accept-Language, Content-Language", "Max-Age": "86400"}},
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
		{"read beside a project", keyed, "GET", []string{"Origin: http://example.com"}, map[string]string{"Allow-Origin": "*", "Expose-Headers": exposed + also}},
		{"read with limits", limited, "GET", []string{"Origin: http://example.com"}, map[string]string{"Allow-Origin": "*", "Expose-Headers": exposed + also}},
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

// limiter returns one whose limits nobody reaches.
func limiter(t testing.TB) *limit.Limiter {
	t.Helper()
	l, err := limit.New(limit.Options{PerIP: limit.Rate{Count: 1_000_000, Per: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestMountsHaveTheirOwnCORSHeaders(t *testing.T) {
	t.Parallel()
	sign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Supabase-Api-Version", "2024-01-01")
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte(r.Method + " " + r.URL.Path + " " + r.URL.RawQuery))
	})
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("engine") }, func(o *server.Options) {
		o.APIRoots, o.APIKeys = []string{"/", "/rest/v1"}, true
		o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: server.HTTP(sign), ExposeHeaders: "X-Supabase-Api-Version"}}
	})
	res, body := send(t, request(t, "POST", s.URL+"/auth/v1/token?grant_type=password", strings.NewReader("{}"), "Origin: http://x"))
	same(t, "status", res.StatusCode, 418)
	same(t, "body", body, "POST /auth/v1/token grant_type=password")
	same(t, "origin", res.Header.Get("Access-Control-Allow-Origin"), "*")
	same(t, "exposed", res.Header.Get("Access-Control-Expose-Headers"), "X-Supabase-Api-Version"+also)

	res, _ = send(t, request(t, "OPTIONS", s.URL+"/auth/v1/token", nil, "Origin: http://x", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-supabase-api-version"))
	same(t, "preflight", res.StatusCode, 200)
	same(t, "allowed", res.Header.Get("Access-Control-Allow-Headers"), "Authorization, x-supabase-api-version, Accept, Accept-Language, Content-Language")
}

// Vary names every header of a request that an answer depends on.
func TestVary(t *testing.T) {
	t.Parallel()
	const accepted = "Accept, Prefer, Range"
	long := strings.Repeat("long ", 1000)
	engine := func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Path == "/own" {
			return text("rows", field("Vary", "*"))
		}
		return text(long, field("Vary", accepted))
	}
	open := start(t, engine)
	keyed := start(t, engine, func(o *server.Options) { o.APIKeys = true })
	inPlace := start(t, engine, func(o *server.Options) { o.Settings.CORSOrigins = []string{"https://app"} })
	listed := start(t, engine, func(o *server.Options) { o.Settings.CORSOrigins, o.APIKeys = []string{"https://app"}, true })
	for _, tt := range []struct {
		name    string
		s       *running
		path    string
		headers []string
		want    string
	}{
		{"open", open, "/", []string{"Origin: https://app"}, accepted},
		{"compressed", open, "/", []string{"Accept-Encoding: gzip"}, accepted + ", Accept-Encoding"},
		{"the client wants none", open, "/", []string{"Accept-Encoding: identity"}, accepted + ", Accept-Encoding"},
		{"keys", keyed, "/", nil, accepted + ", apikey"},
		{"a function's own", keyed, "/own", nil, "*"},
		{"listed origin", listed, "/", []string{"Origin: https://app"}, accepted + ", Origin, apikey"},
		{"listed, in PostgREST's place", inPlace, "/", []string{"Origin: https://app"}, accepted},
		{"other origin", listed, "/", []string{"Origin: https://other"}, accepted + ", Origin, apikey"},
		{"no origin", listed, "/", nil, accepted + ", Origin, apikey"},
		{"listed and compressed", listed, "/", []string{"Accept-Encoding: br"}, accepted + ", Origin, apikey, Accept-Encoding"},
	} {
		res, _ := send(t, request(t, "GET", tt.s.URL+tt.path, nil, tt.headers...))
		same(t, tt.name, strings.Join(res.Header["Vary"], " AND "), tt.want)
	}
	res, _ := send(t, request(t, "OPTIONS", listed.URL+"/", nil, "Origin: https://app", "Access-Control-Request-Method: GET"))
	same(t, "preflight", res.Header.Get("Vary"), "Origin")
}

// net/http and we do not read URLs in the same way: one that it cannot read is
// the client's fault.
func TestMountsRefuseMalformedURLs(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("engine") }, func(o *server.Options) {
		o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: server.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}}
	})
	for _, path := range []string{"/auth/v1/%", "/auth/v1/%zz", "/auth/v1/%2", "/auth/v1/a%f", "/auth/v1/token%?a=b"} {
		_, r := raw(t, s.Addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		res, body := answer(t, r, "GET")
		same(t, path, res.StatusCode, 400)
		hasAll(t, body, `"code":"ROM400"`)
	}
	for _, path := range []string{"/auth/v1/%41", "/auth/v1/token?%zz"} {
		_, r := raw(t, s.Addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		res, _ := answer(t, r, "GET")
		same(t, path, res.StatusCode, 200)
	}
}
