package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// engineFunc is an engine for the test at hand.
type engineFunc func(ctx context.Context, req *postgrest.Request) *postgrest.Response

func (f engineFunc) Serve(ctx context.Context, req *postgrest.Request) *postgrest.Response {
	return f(ctx, req)
}

// bearerIsRole believes every token and takes it for the role; "bad" is refused.
type bearerIsRole struct{}

func (bearerIsRole) Authenticate(_ context.Context, c auth.Credentials) (auth.Identity, error) {
	token := strings.TrimPrefix(c.Authorization, "Bearer ")
	if token == "" {
		token = c.APIKey
	}
	switch token {
	case "":
		return auth.Identity{Role: "anon", Claims: []byte(`{"role":"anon"}`)}, nil
	case "bad":
		return auth.Identity{}, &apierr.Error{
			Status: 401, Code: "PGRST301", Message: "no",
			Header: []apierr.Header{{Name: "WWW-Authenticate", Value: `Bearer error="invalid_token"`}},
		}
	default:
		return auth.Identity{Role: token, Claims: []byte(`{}`), Authenticated: true}, nil
	}
}

// text answers 200 with a body.
func text(body string, more ...postgrest.Field) *postgrest.Response {
	return &postgrest.Response{Status: 200, Body: []byte(body), Header: append([]postgrest.Field{{Name: "Content-Type", Value: "text/plain"}}, more...)}
}

// options are the least that a server needs.
func options(engine engineFunc) server.Options {
	return server.Options{
		Engine: engine, Auth: bearerIsRole{}, Version: "test", RequestTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler),
	}
}

// running is a server on a socket of its own.
type running struct {
	*server.Server
	Addr string
	URL  string
	Log  *servicetest.Log
	Done chan error // Serve's error
}

// start serves engine until the test ends. Each of change may alter the options.
func start(t testing.TB, engine engineFunc, change ...func(*server.Options)) *running {
	t.Helper()
	log := new(servicetest.Log)
	o := options(engine)
	o.Logger = observe.NewLogger(observe.LogOptions{Writer: log, Level: slog.LevelDebug})
	for _, f := range change {
		f(&o)
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := server.Listen(context.Background(), server.Address{Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Server: s, Addr: ln.Addr().String(), URL: "http://" + ln.Addr().String(), Log: log, Done: make(chan error, 1)}
	go func() { r.Done <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
	})
	return r
}

// request makes a request of header lines "Name: value".
func request(t testing.TB, method, url string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	return req
}

// send sends req over a connection of its own and reads the answer whole.
func send(t testing.TB, req *http.Request) (*http.Response, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: 20 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// open sends a GET and leaves the body to be read.
func open(t testing.TB, s *running, headers ...string) *http.Response {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	res, err := client.Do(request(t, "GET", s.URL, nil, headers...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func get(t testing.TB, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	return send(t, request(t, "GET", url, nil, headers...))
}

// raw writes bytes to a fresh connection and returns it with a reader of answers.
func raw(t testing.TB, addr, bytes string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, bytes); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// exchange sends one request over c and reads its answer.
func exchange(t testing.TB, c net.Conn, bytes string) (*http.Response, string) {
	t.Helper()
	if _, err := io.WriteString(c, bytes); err != nil {
		t.Fatal(err)
	}
	return answer(t, bufio.NewReader(c), "GET")
}

// answer reads one answer of a raw connection.
func answer(t testing.TB, r *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestNewRefusesHalfTheParts(t *testing.T) {
	t.Parallel()
	engine := engineFunc(func(context.Context, *postgrest.Request) *postgrest.Response { return text("") })
	for name, o := range map[string]server.Options{
		"nothing":     {},
		"no auth":     {Engine: engine, Logger: slog.New(slog.DiscardHandler)},
		"odd root":    {Engine: engine, Auth: bearerIsRole{}, Logger: slog.New(slog.DiscardHandler), APIRoots: []string{"rest"}},
		"empty mount": {Engine: engine, Auth: bearerIsRole{}, Logger: slog.New(slog.DiscardHandler), Mounts: []server.Mount{{Prefix: "/auth/v1"}}},
	} {
		if _, err := server.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestServesOnlyOnce(t *testing.T) {
	t.Parallel()
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("") })
	get(t, s.URL)
	if err := s.Serve(nil); err == nil {
		t.Error("a second Serve was taken")
	}
}

func field(name, value string) postgrest.Field { return postgrest.Field{Name: name, Value: value} }

// logged waits until the log holds want.
func logged(t testing.TB, log *servicetest.Log, want string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, want) {
				return line
			}
		}
		<-time.After(2 * time.Millisecond)
	}
	t.Fatalf("log lacks %q:\n%s", want, log.String())
	return ""
}

func hasAll(t testing.TB, line string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(line, part) {
			t.Errorf("%q lacks %q", line, part)
		}
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
