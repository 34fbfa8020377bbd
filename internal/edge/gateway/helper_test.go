package gateway_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/gateway"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
)

const patience = 20 * time.Second // for events that should happen at once

// engine answers with the request's method, path and body.
type engine struct{}

func (engine) Serve(_ context.Context, r *postgrest.Request) *postgrest.Response {
	return &postgrest.Response{Status: 200, Body: []byte("engine " + r.Method + " " + r.Path + " " + string(r.Body))}
}

// everyone may do everything.
type everyone struct{}

func (everyone) Authenticate(context.Context, auth.Credentials) (auth.Identity, error) {
	return auth.Identity{Role: "anon"}, nil
}

// sidecar is a real server with a gateway before an upstream.
type sidecar struct {
	*server.Server
	Addr, URL string
	Log       *servicetest.Log
	stop      func()
}

// settings are those that a test may change.
type settings struct {
	gateway.Options
	server server.Options
	listen server.Address
}

// start serves until the test ends. upstream may be "".
func start(t testing.TB, upstream string, change ...func(*settings)) *sidecar {
	t.Helper()
	log := new(servicetest.Log)
	logger := observe.NewLogger(observe.LogOptions{Writer: log, Level: slog.LevelDebug})
	s := settings{
		Options: gateway.Options{Upstream: upstream, Logger: logger, Claims: claims(t)},
		server: server.Options{
			Engine: engine{}, Auth: everyone{}, Logger: logger, APIRoots: []string{"/", "/rest/v1"},
			BodyLimit: 1 << 20, RequestTimeout: time.Minute, Settings: server.Settings{SendRequestID: true},
		},
	}
	s.listen.Host = "127.0.0.1"
	for _, f := range change {
		f(&s)
	}
	g, err := gateway.New(s.Options)
	if err != nil {
		t.Fatal(err)
	}
	s.server.Mounts = append(s.server.Mounts, g.Mounts()...)
	edge, err := server.New(s.server)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := server.Listen(t.Context(), s.listen)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ln) }()
	for !edge.Live() { // Serve has begun; a shutdown before that has no effect
		runtime.Gosched()
	}
	stop := sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := edge.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		g.Close()
	})
	t.Cleanup(stop)
	return &sidecar{Server: edge, Addr: ln.Addr().String(), URL: "http://" + ln.Addr().String(), Log: log, stop: stop}
}

func claims(t testing.TB, words ...string) gateway.Claims {
	t.Helper()
	c, err := gateway.ParseClaims(words)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// upstream is a project written for the test.
func upstream(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	u := httptest.NewServer(h)
	t.Cleanup(u.Close)
	return u
}

// front is start before a new upstream.
func front(t testing.TB, h http.HandlerFunc, change ...func(*settings)) *sidecar {
	t.Helper()
	return start(t, upstream(t, h).URL, change...)
}

// client has connections of its own.
func client(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true, ExpectContinueTimeout: patience}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// request makes a request of header lines "Name: value".
func request(t testing.TB, method, url string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range headers {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Add(name, value)
		}
	}
	return r
}

// do sends r and reads the answer whole.
func do(t testing.TB, c *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	return res, string(body)
}

func get(t testing.TB, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	return do(t, client(t), request(t, "GET", url, nil, headers...))
}

// raw writes bytes to a fresh connection and returns it with a reader of answers.
func raw(t testing.TB, addr, bytes string) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, bytes); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn), bufio.NewReader(c)
}

// answer reads one answer of a raw connection.
func answer(t testing.TB, r *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("read an answer: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read an answer's body: %v", err)
	}
	return res, string(body)
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func has(t testing.TB, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("lacks %q:\n%.2000s", w, text)
		}
	}
}

// soon waits for an event that should happen at once.
func soon[T any](t testing.TB, what string, ch <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-ch:
	case <-time.After(patience):
		t.Fatalf("%s: never", what)
	}
	return got
}

// logged waits until a line of the log holds all of want.
func logged(t testing.TB, log *servicetest.Log, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(2 * time.Millisecond) {
		for line := range strings.Lines(log.String()) {
			if !containsAll(line, want) {
				continue
			}
			return
		}
	}
	t.Fatalf("no line of the log has %q:\n%s", want, log)
}

func containsAll(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}
