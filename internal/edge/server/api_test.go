package server_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest"
)

func TestEngineGetsTheRequestAsSent(t *testing.T) {
	t.Parallel()
	got := make(chan *postgrest.Request, 1)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		got <- req
		return text("")
	}, func(o *server.Options) { o.APIRoots = []string{"/", "/rest/v1"} })

	_, r := raw(t, s.Addr, "POST /rest/v1/a%20b%2Fc?select=id%2Cx(y)&a=eq.1&a=eq.2 HTTP/1.1\r\nHost: h\r\nPrefer:\r\nX-B: 1\r\nprefer: return=minimal\r\n"+
		"x-b: 2\r\nContent-Type: application/json\r\nContent-Length: 2\r\nAuthorization: Bearer web\r\n\r\n{}")
	answer(t, r, "POST")
	req := <-got

	want := &postgrest.Request{
		Method: "POST", Path: "/a%20b%2Fc", RawQuery: "select=id%2Cx(y)&a=eq.1&a=eq.2", Body: []byte("{}"),
		Header: []postgrest.Field{
			field("host", "h"), field("prefer", ""), field("x-b", "1"), field("prefer", "return=minimal"), field("x-b", "2"),
			field("content-type", "application/json"), field("content-length", "2"), field("authorization", "Bearer web"),
		},
		Role: "web", Claims: []byte("{}"),
	}
	if req.AuthTime < 0 {
		t.Errorf("AuthTime = %v", req.AuthTime)
	}
	if req.AuthTime = 0; req.Take == nil {
		t.Error("its body has no bounds")
	}
	req.Take = nil
	if diff := cmp.Diff(want, req, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		return text(req.Method + " " + req.Path + " ? " + req.RawQuery)
	}, func(o *server.Options) { o.APIRoots = []string{"/", "/rest/v1"} })

	for _, tt := range []struct{ line, want string }{
		{"GET / HTTP/1.1", "GET / ? "},
		{"GET /rest/v1 HTTP/1.1", "GET / ? "},
		{"GET /rest/v1/ HTTP/1.1", "GET / ? "},
		{"GET /rest/v1/items?a=%3F?b HTTP/1.1", "GET /items ? a=%3F?b"},
		{"GET /rest/v1foo HTTP/1.1", "GET /rest/v1foo ? "},
		{"GET /rest%2Fv1/items HTTP/1.1", "GET /rest%2Fv1/items ? "},
		{"GET //x/../y?a#b HTTP/1.1", "GET //x/../y ? a"},
		{"GET http://other:80/rest/v1/items?x=1 HTTP/1.1", "GET /items ? x=1"},
		{"GET http://other HTTP/1.1", "GET / ? "},
		{"OPTIONS * HTTP/1.1", "OPTIONS / ? "},
		{"FOO /items HTTP/1.1", "FOO /items ? "},
		{"TRACE /items HTTP/1.1", "TRACE /items ? "},
		{"LINK /items HTTP/1.1", "LINK /items ? "},
		{"get /items HTTP/1.1", "get /items ? "},
		{"GET /\xff%00%zz?\xfe%f HTTP/1.1", "GET /\xff%00%zz ? \xfe%f"},
	} {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			_, r := raw(t, s.Addr, tt.line+"\r\nHost: h\r\n\r\n")
			res, body := answer(t, r, "GET")
			if res.StatusCode != 200 || body != tt.want {
				t.Errorf("%d %q, want %q", res.StatusCode, body, tt.want)
			}
		})
	}
}

func TestNoRouteIsPostgRESTsInvalidPath(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("") },
		func(o *server.Options) { o.APIRoots = []string{"/rest/v1"} })
	res, body := get(t, s.URL+"/items")
	same(t, "status", res.StatusCode, 404)
	same(t, "body", body, `{"code":"PGRST125","details":null,"hint":null,"message":"Invalid path specified in request URL"}`)
	same(t, "type", res.Header.Get("Content-Type"), "application/json; charset=utf-8")
	same(t, "proxy status", res.Header.Get("Proxy-Status"), "PostgREST; error=PGRST125")
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	engine := func(_ context.Context, req *postgrest.Request) *postgrest.Response { return text(req.Role) }
	plain := start(t, engine)
	supabase := start(t, engine, func(o *server.Options) { o.APIKeys = true })
	for _, tt := range []struct {
		name    string
		s       *running
		headers []string
		want    string
	}{
		{"none", plain, nil, "anon"},
		{"bearer", plain, []string{"Authorization: Bearer web"}, "web"},
		{"PostgREST ignores apikey", plain, []string{"apikey: web"}, "anon"},
		{"Supabase does not", supabase, []string{"apikey: web"}, "web"},
		{"bearer before apikey", supabase, []string{"apikey: web", "Authorization: Bearer user"}, "user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, body := get(t, tt.s.URL, tt.headers...); body != tt.want {
				t.Errorf("role %q, want %q", body, tt.want)
			}
		})
	}
}

func TestRefusedTokenNeverReachesTheEngine(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("engine") })
	res, body := get(t, s.URL, "Authorization: Bearer bad", "Origin: http://x")
	same(t, "status", res.StatusCode, 401)
	same(t, "body", body, `{"code":"PGRST301","details":null,"hint":null,"message":"no"}`)
	same(t, "WWW-Authenticate", res.Header.Get("WWW-Authenticate"), `Bearer error="invalid_token"`)
	same(t, "CORS", res.Header.Get("Access-Control-Allow-Origin"), "*")
}

func TestDeadlineAndRequestIDReachTheEngine(t *testing.T) {
	t.Parallel()
	s := start(t, func(ctx context.Context, _ *postgrest.Request) *postgrest.Response {
		<-ctx.Done()
		return text(ctx.Err().Error() + " " + observe.RequestID(ctx))
	}, func(o *server.Options) { o.RequestTimeout = 20 * time.Millisecond })
	_, body := get(t, s.URL, "X-Request-Id: abc-1")
	same(t, "body", body, "context deadline exceeded abc-1")
}

// The next request of a connection reuses fasthttp's buffers; the parts of the
// one before that the engine kept must not change.
func TestRequestsAreCopies(t *testing.T) {
	t.Parallel()
	var kept []*postgrest.Request
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		kept = append(kept, req)
		return text("")
	})
	one := "POST /aaaa?bbbb HTTP/1.1\r\nHost: cccc\r\nX-D: dddd\r\nContent-Length: 4\r\n\r\neeee"
	two := strings.NewReplacer("aaaa", "1111", "bbbb", "2222", "cccc", "3333", "dddd", "4444", "eeee", "5555").Replace(one)
	_, r := raw(t, s.Addr, one+two)
	answer(t, r, "POST")
	answer(t, r, "POST")

	first := kept[0]
	same(t, "first request", []any{first.Path, first.RawQuery, first.Header[0].Value, first.Header[1].Value, string(first.Body)},
		[]any{"/aaaa", "bbbb", "cccc", "dddd", "eeee"})
}
