package server_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

func TestHeadersAreTheEnginesAlone(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		switch req.Path {
		case "/none":
			return &postgrest.Response{Status: 204, Reason: "Nothing\r\nhere", Header: []postgrest.Field{field("Content-Range", "*/*")}}
		case "/many":
			return &postgrest.Response{Status: 201, Header: []postgrest.Field{
				field("WWW-Authenticate", "Bearer"), field("Set-Cookie", "a=1"), field("Set-Cookie", "a=2"), field("X-Twice", "1"), field("X-Twice", "2"),
				field("Content-Length", "999"), field("Transfer-Encoding", "chunked"), field("Connection", "close"), field("Location", "/x?id=eq.1"),
			}}
		default:
			return &postgrest.Response{Status: 200, Body: []byte("x"), Header: []postgrest.Field{
				field("Content-Type", "text/plain"), field("X-Evil", "a\r\nX-Injected: 1"), field("X-Bad\r\nX-Injected2", "1"), field("", "1"),
			}}
		}
	})
	for _, tt := range []struct {
		path   string
		status string
		want   http.Header
	}{
		{"/none", "204 Nothing  here", http.Header{"Content-Range": {"*/*"}}},
		{"/many", "201 Created", http.Header{"Content-Length": {"0"}, "Www-Authenticate": {"Bearer"}, "Set-Cookie": {"a=1", "a=2"}, "X-Twice": {"1", "2"}, "Location": {"/x?id=eq.1"}}},
		{"/evil", "200 OK", http.Header{"Content-Length": {"1"}, "Content-Type": {"text/plain"}, "X-Evil": {"a  X-Injected: 1"}}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			_, r := raw(t, s.Addr, "GET "+tt.path+" HTTP/1.1\r\nHost: h\r\n\r\n")
			res, _ := answer(t, r, "GET")
			if res.Header.Get("Date") == "" || res.Header.Get("Server") != "romashka/test" {
				t.Errorf("Date %q, Server %q", res.Header.Get("Date"), res.Header.Get("Server"))
			}
			res.Header.Del("Date")
			res.Header.Del("Server")
			same(t, "status", res.Status, tt.status)
			if diff := cmp.Diff(tt.want, res.Header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHeaderNamesKeepTheirCase(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response {
		return text("", field("WWW-Authenticate", "Bearer"), field("x-lower", "1"))
	})
	_, r := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	var head string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		head += line
	}
	hasAll(t, head, "\r\nWWW-Authenticate: Bearer\r\n", "\r\nx-lower: 1\r\n")
}

// PostgREST sends no Content-Length for HEAD, and neither may a body follow.
func TestHEADHasNoBody(t *testing.T) {
	t.Parallel()
	streamed := make(chan error, 1)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		switch req.Path {
		case "/empty":
			return &postgrest.Response{Status: 206, Header: []postgrest.Field{field("Content-Range", "0-9/100")}}
		case "/stream":
			return streamOf(func(w writer) error {
				_, err := w.Write([]byte("row"))
				streamed <- err
				return err
			})
		default:
			return text("four")
		}
	})
	_, r := raw(t, s.Addr, "HEAD /empty HTTP/1.1\r\nHost: h\r\n\r\nHEAD /full HTTP/1.1\r\nHost: h\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
	res, _ := answer(t, r, "HEAD")
	same(t, "status", res.StatusCode, 206)
	same(t, "length", res.Header.Get("Content-Length"), "")
	same(t, "range", res.Header.Get("Content-Range"), "0-9/100")
	res, _ = answer(t, r, "HEAD")
	same(t, "second", res.StatusCode, 200)
	res, _ = answer(t, r, "HEAD")
	same(t, "third", res.StatusCode, 200)
	if err := <-streamed; err == nil {
		t.Error("a HEAD stream was allowed to go on")
	}
	_, body := answer(t, r, "GET") // nothing was left on the connection
	same(t, "body", body, "four")
}

func TestUnavailableTellsWhenToRetry(t *testing.T) {
	t.Parallel()
	called := make(chan bool, 2)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		res := &postgrest.Response{Status: 503}
		if req.Path == "/own" {
			res.Header = []postgrest.Field{field("Retry-After", "9")}
		}
		return res
	}, func(o *server.Options) {
		o.RetryAfter = func() time.Duration { return 3 * time.Second }
		o.OnUnavailable = func() { called <- true }
	})
	res, _ := get(t, s.URL)
	same(t, "Retry-After", res.Header["Retry-After"], []string{"3"})
	res, _ = get(t, s.URL+"/own")
	same(t, "Retry-After of the engine", res.Header["Retry-After"], []string{"9"})
	<-called
	<-called
}

func TestTraceHeaderAndRequestID(t *testing.T) {
	t.Parallel()
	engine := func(context.Context, *postgrest.Request) *postgrest.Response { return text("") }
	none := start(t, engine)
	trace := start(t, engine, func(o *server.Options) { o.Settings.TraceHeader = "X-Request-Id" })
	ids := start(t, engine, func(o *server.Options) { o.Settings.SendRequestID = true })

	res, _ := get(t, none.URL, "X-Request-Id: abc")
	same(t, "without settings", res.Header["X-Request-Id"], []string(nil))
	res, _ = get(t, trace.URL, "X-Request-Id: a b c")
	same(t, "trace", res.Header["X-Request-Id"], []string{"a b c"})
	res, _ = get(t, trace.URL)
	if got, ok := res.Header["X-Request-Id"]; !ok || got[0] != "" {
		t.Errorf("trace of nothing = %q, want one empty value", got)
	}
	res, _ = get(t, ids.URL, "X-Request-Id: abc")
	same(t, "own id", res.Header.Get("X-Request-Id"), "abc")
	res, _ = get(t, ids.URL, "X-Request-Id: not sane")
	if got := res.Header.Get("X-Request-Id"); len(got) < 12 || got == "not sane" {
		t.Errorf("made id = %q", got)
	}
}

func TestSettingsChangeWhileRunning(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("") })
	s.Apply(server.Settings{CORSOrigins: []string{"https://a"}, TraceHeader: "X-Trace"})
	res, _ := get(t, s.URL, "Origin: https://a", "X-Trace: 7")
	same(t, "origin", res.Header.Get("Access-Control-Allow-Origin"), "https://a")
	same(t, "trace", res.Header.Get("X-Trace"), "7")
}
