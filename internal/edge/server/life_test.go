package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

func TestPanicIsA500AndTheServerLives(t *testing.T) {
	t.Parallel()
	metrics := observe.NewMetrics(stage.Names()...)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Path == "/bad" {
			panic("BUG: secret of the engine")
		}
		return text("fine")
	}, func(o *server.Options) { o.Metrics = metrics })

	_, r := raw(t, s.Addr, "GET /bad HTTP/1.1\r\nHost: h\r\nOrigin: http://x\r\n\r\nGET /good HTTP/1.1\r\nHost: h\r\n\r\n")
	res, body := answer(t, r, "GET")
	same(t, "status", res.StatusCode, 500)
	same(t, "body", body, `{"code":"PGRSTX00","details":null,"hint":null,"message":"Internal server error"}`)
	same(t, "CORS", res.Header.Get("Access-Control-Allow-Origin"), "*")
	_, body = answer(t, r, "GET") // the same connection lives on
	same(t, "next", body, "fine")

	hasAll(t, logged(t, s.Log, "panic while serving"), "level=ERROR", "path=/bad", "stack=", "life_test.go", "request_id=")
	hasAll(t, logged(t, s.Log, "status=500"), "code=PGRSTX00", "path=/bad")
	out := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(out, request(t, "GET", "http://x/metrics", nil))
	hasAll(t, out.Body.String(), "romashka_panics_total 1\n", "romashka_http_requests_in_flight 0\n")
}

// A client that leaves ends its query, also when it left a pipelined request behind.
func TestLeavingCancels(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]string{"plain": "", "pipelined": "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began, ended := make(chan bool), make(chan error, 1)
			s := start(t, func(ctx context.Context, req *postgrest.Request) *postgrest.Response {
				if req.Path == "/slow" {
					close(began)
					<-ctx.Done()
					ended <- ctx.Err()
				}
				return text("")
			})
			c, _ := raw(t, s.Addr, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"+rest)
			<-began
			left := time.Now()
			c.Close()
			select {
			case err := <-ended:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("ended with %v", err)
				}
				t.Logf("canceled after %v", time.Since(left))
			case <-time.After(10 * time.Second):
				t.Fatal("not canceled")
			}
			logged(t, s.Log, "client left")
		})
	}
}

func TestStayingDoesNotCancel(t *testing.T) {
	t.Parallel()
	s := start(t, func(ctx context.Context, _ *postgrest.Request) *postgrest.Response {
		select {
		case <-ctx.Done():
			return text("canceled")
		case <-time.After(300 * time.Millisecond):
			return text("finished")
		}
	})
	_, r := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
	for range 2 {
		if _, body := answer(t, r, "GET"); body != "finished" {
			t.Errorf("body %q", body)
		}
	}
}

// slowServer starts a server whose requests signal that they wait, and then wait
// for proceed.
func slowServer(t *testing.T) (s *running, waiting <-chan bool, proceed chan bool) {
	t.Helper()
	began := make(chan bool, 8)
	proceed = make(chan bool)
	s = start(t, func(ctx context.Context, _ *postgrest.Request) *postgrest.Response {
		began <- true
		select {
		case <-proceed:
			return text("done")
		case <-ctx.Done():
			return &postgrest.Response{Status: 503}
		}
	}, func(o *server.Options) { o.Ready = func() server.Status { return server.Ready } })
	return s, began, proceed
}

func TestShutdownFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s, waiting, proceed := slowServer(t)
	_, idle := raw(t, s.Addr, "")
	_, busy := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	<-waiting

	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	if _, err := idle.ReadByte(); err == nil { // an unused connection is closed at once
		t.Error("idle connection got data")
	}
	if s.Live() {
		t.Error("still live")
	}
	if c, err := net.Dial("tcp", s.Addr); err == nil {
		c.Close()
		t.Error("still accepting")
	}
	close(proceed)
	res, body := answer(t, busy, "GET")
	same(t, "body", body, "done")
	same(t, "close", res.Close, true)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-s.Done; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestShutdownCancelsWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	s, waiting, _ := slowServer(t)
	_, busy := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	<-waiting
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown = %v", err)
	}
	res, _ := answer(t, busy, "GET")
	same(t, "status", res.StatusCode, 503)
}

func TestNotReadyWhileStopping(t *testing.T) {
	t.Parallel()
	s, waiting, proceed := slowServer(t)
	_, busy := raw(t, s.Addr, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /ready HTTP/1.1\r\nHost: h\r\n\r\n")
	<-waiting
	res, _ := get(t, s.URL+"/ready")
	same(t, "before", res.StatusCode, 200)
	s.Drain()
	res, _ = get(t, s.URL+"/ready")
	same(t, "draining", res.StatusCode, 503)
	res, _ = get(t, s.URL+"/live")
	same(t, "live while draining", res.StatusCode, 200)
	close(proceed)
	answer(t, busy, "GET")
	res, _ = answer(t, busy, "GET")
	same(t, "on the old connection", res.StatusCode, 503)
}

func TestHealthPaths(t *testing.T) {
	t.Parallel()
	status := make(chan server.Status, 1)
	s := start(t, echo, func(o *server.Options) {
		o.APIRoots = []string{"/", "/rest/v1"}
		o.Ready = func() server.Status { return <-status }
	})
	for want, st := range map[int]server.Status{200: server.Ready, 503: server.Pending, 500: server.Failed} {
		for _, path := range []string{"/ready", "/-/ready"} {
			status <- st
			res, body := get(t, s.URL+path)
			same(t, path, []any{res.StatusCode, body}, []any{want, ""})
		}
	}
	for path, want := range map[string]string{
		"/live": "200 ", "/-/live": "200 ", "/live/x": "404 ",
		"/rest/v1/live": "200 GET /live", "/lives": "200 GET /lives",
	} {
		res, body := get(t, s.URL+path)
		same(t, path, []any{res.StatusCode, body}, strings.SplitN(want, " ", 2))
	}

	bare := start(t, echo) // as PostgREST: the API port has tables only
	for _, path := range []string{"/live", "/ready"} {
		_, body := get(t, bare.URL+path)
		same(t, path, body, "GET "+path)
	}
}

func TestAccessLine(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		switch req.Path {
		case "/rows":
			return &postgrest.Response{Status: 200, Rows: 15}
		case "/none":
			return &postgrest.Response{Status: 299, Reason: "Fine\r\nX: y"}
		case "/gone":
			return &postgrest.Response{Status: 404, Code: "PGRST205"}
		default:
			return &postgrest.Response{Status: 500}
		}
	})
	const secret = "hunter2hunter2"
	send(t, request(t, "POST", s.URL+"/rows?password=eq."+secret, strings.NewReader(secret), "Authorization: Bearer "+secret, "Cookie: s="+secret, "apikey: "+secret, "X-Request-Id: id-1"))
	line := logged(t, s.Log, "path=/rows")
	hasAll(t, line, "level=INFO", "msg=request", "request_id=id-1", "method=POST", "status=200", "dur_ms=", "rows=15", `code=""`)
	for path, parts := range map[string][]string{
		"/none": {"status=299", "role=anon"}, "/gone": {"level=WARN", "code=PGRST205", "status=404"}, "/fail": {"level=ERROR", "status=500"},
	} {
		get(t, s.URL+path)
		hasAll(t, logged(t, s.Log, "path="+path), parts...)
	}
	get(t, s.URL+"/long"+strings.Repeat("x", 10_000))
	if line := logged(t, s.Log, "path=/long"); len(line) > 3000 {
		t.Errorf("a line of %d bytes", len(line))
	}
	send(t, request(t, "OPTIONS", s.URL+"/pre", nil, "Origin: x", "Access-Control-Request-Method: GET"))
	hasAll(t, logged(t, s.Log, "path=/pre"), "level=DEBUG")
	logOnlyRole := strings.ReplaceAll(s.Log.String(), "role="+secret, "") // this test's tokens are role names
	if strings.Contains(logOnlyRole, secret) {
		t.Errorf("the log holds a secret:\n%s", s.Log)
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	live, ready := true, server.Ready
	h := server.Admin(server.AdminOptions{
		Live: func() bool { return live }, Ready: func() server.Status { return ready },
		Metrics:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "pgrst_db_pool_max 10\n") }),
		SchemaCache: func() any { return map[string]int{"tables": 1} },
	})
	for _, tt := range []struct {
		live  bool
		ready server.Status
		path  string
		want  int
		body  string
	}{
		{true, server.Ready, "/live", 200, ""},
		{false, server.Ready, "/live", 500, ""},
		{true, server.Ready, "/ready", 200, ""},
		{false, server.Ready, "/ready", 500, ""},
		{false, server.Pending, "/ready", 503, ""},
		{true, server.Failed, "/ready", 500, ""},
		{true, server.Ready, "/metrics", 200, "pgrst_db_pool_max 10\n"},
		{true, server.Ready, "/schema_cache", 200, "{\"tables\":1}\n"},
		{true, server.Ready, "/nope", 404, ""},
		{true, server.Ready, "/", 404, ""},
		{true, server.Ready, "/config", 404, ""},
	} {
		live, ready = tt.live, tt.ready
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, request(t, "GET", "http://x"+tt.path, nil))
		same(t, tt.path, rec.Code, tt.want)
		if tt.want == 200 || tt.body != "" {
			same(t, tt.path, rec.Body.String(), tt.body)
		}
	}
}

// A server may be told to stop while it begins, or before: Serve ends, and nothing
// listens any more.
func TestShutdownWhileServeBegins(t *testing.T) {
	t.Parallel()
	for i := range 400 {
		s, err := server.New(options(func(context.Context, *postgrest.Request) *postgrest.Response { return text("") }))
		if err != nil {
			t.Fatal(err)
		}
		ln, err := server.Listen(t.Context(), server.Address{Host: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		begun := make(chan struct{})
		go func() {
			close(begun)
			served <- s.Serve(ln)
		}()
		switch i % 3 {
		case 1:
			<-begun
		case 2:
			for !s.Live() {
				runtime.Gosched()
			}
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatalf("Shutdown = %v", err)
		}
		select {
		case err := <-served:
			if err != nil {
				t.Fatalf("Serve = %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("server %d: Serve goes on after Shutdown", i)
		}
		if c, err := net.Dial("tcp", ln.Addr().String()); err == nil {
			c.Close()
			t.Fatal("still accepting")
		}
	}
}
