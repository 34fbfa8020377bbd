package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
)

// passerFunc is a Passer for the test at hand.
type passerFunc func(ctx context.Context, p *server.Passage) server.Passed

func (f passerFunc) Pass(ctx context.Context, p *server.Passage) server.Passed { return f(ctx, p) }

// echoing answers the head's first line and a body of known length, and leaves
// the bytes that it read beyond.
func echoing(_ context.Context, p *server.Passage) server.Passed {
	in := bufio.NewReader(io.MultiReader(strings.NewReader(string(p.Head)), p.Conn))
	r, err := http.ReadRequest(in)
	if err != nil {
		return server.Passed{Broken: true}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return server.Passed{Broken: true}
	}
	line, _, _ := strings.Cut(string(p.Head), "\r\n")
	text := line + " " + p.Path + " " + p.RawQuery + " " + string(body)
	fmt.Fprintf(p.Conn, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n", len(text))
	p.Header.Write(p.Conn)
	fmt.Fprintf(p.Conn, "\r\n%s", text)
	unread, _ := in.Peek(in.Buffered())
	return server.Passed{Status: 200, Reusable: true, Unread: unread, Received: int64(len(body)), ContentType: "text/plain", ContentLength: strconv.Itoa(len(text))}
}

func passing(f passerFunc, more ...func(*server.Options)) func(*server.Options) {
	return func(o *server.Options) {
		o.BodyLimit = 100
		o.Mounts = []server.Mount{{Prefix: "/up", Passer: f}}
		for _, change := range more {
			change(o)
		}
	}
}

// Connections go back and forth, and no byte is lost on the way.
func TestHandOver(t *testing.T) {
	t.Parallel()
	s := start(t, echo, passing(echoing))
	long := strings.Repeat("x", 70_000)
	var all strings.Builder
	const rounds = 20
	for range rounds {
		all.WriteString("GET /up/a?b=c HTTP/1.1\r\nHost: h\r\n\r\n" +
			"POST /here HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" +
			"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + long +
			"PUT /up/b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" +
			"GET /upper HTTP/1.1\r\nHost: h\r\n\r\n")
	}
	c, r := raw(t, s.Addr, "")
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, all.String())
		sent <- err
	}()
	for range rounds {
		for _, want := range []string{
			"GET /up/a?b=c HTTP/1.1 /up/a b=c ", "POST /here", "POST /up HTTP/1.1 /up  " + long, "PUT /up/b HTTP/1.1 /up/b  ab", "GET /upper",
		} {
			if _, got := answer(t, r, "GET"); got != want {
				t.Fatalf("got %.200q, want %.200q", got, want)
			}
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	hasAll(t, logged(t, s.Log, "path=/up/b"), "status=200", "method=PUT", "request_id=")
}

// A mount may take a part of a prefix.
func TestMatch(t *testing.T) {
	t.Parallel()
	s := start(t, echo, passing(echoing, func(o *server.Options) {
		o.APIRoots = []string{"/", "/rest/v1"}
		o.Mounts = []server.Mount{{
			Prefix: "/rest/v1", Passer: passerFunc(echoing),
			Match: func(method, path string, header func(string) string) bool {
				return path == "/other" && method == "GET" && header("X-Mine") == ""
			},
		}}
	}))
	for _, tt := range []struct{ path, header, want string }{
		{"/rest/v1/other", "", "GET /rest/v1/other HTTP/1.1 /rest/v1/other  "},
		{"/rest/v1/other", "X-Mine: yes", "GET /other"},
		{"/rest/v1/ours", "", "GET /ours"},
		{"/other", "", "GET /other"},
	} {
		_, r := raw(t, s.Addr, "GET "+tt.path+" HTTP/1.1\r\nHost: h\r\n"+strings.TrimPrefix(tt.header+"\r\n\r\n", "\r\n"))
		_, body := answer(t, r, "GET")
		same(t, tt.path+tt.header, body, tt.want)
	}
}

// The edge's headers and limits hold for requests that are handed over, too.
func TestHandOverKeepsTheEdge(t *testing.T) {
	t.Parallel()
	s := start(t, echo, passing(echoing, func(o *server.Options) { o.Settings.SendRequestID = true }))
	_, r := raw(t, s.Addr, "GET /up HTTP/1.1\r\nHost: h\r\nOrigin: http://app\r\nX-Request-Id: mine\r\n\r\n")
	res, _ := answer(t, r, "GET")
	same(t, "CORS", res.Header.Get("Access-Control-Allow-Origin"), "*")
	same(t, "id", res.Header.Get("X-Request-Id"), "mine")
}

// A body that was left unread because its request was to be handed over is
// never read as a request.
func TestUnreadBodiesEndTheConnection(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	s := start(t, echo, passing(func(ctx context.Context, p *server.Passage) server.Passed {
		passed.Add(1)
		return echoing(ctx, p)
	}))
	const inner = "GET /up/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
	_, r := raw(t, s.Addr, "OPTIONS /up HTTP/1.1\r\nHost: h\r\nOrigin: http://app\r\nAccess-Control-Request-Method: POST\r\nContent-Length: "+
		strconv.Itoa(len(inner))+"\r\n\r\n"+inner)
	res, _ := answer(t, r, "OPTIONS")
	same(t, "preflight", res.StatusCode, 200)
	same(t, "closes", res.Close, true)
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Errorf("a second answer: %q", rest)
	}
	same(t, "handed over", passed.Load(), 0)
}

func TestPanicWhilePassing(t *testing.T) {
	t.Parallel()
	s := start(t, echo, passing(func(context.Context, *server.Passage) server.Passed { panic("BUG: in the passer") }))
	_, r := raw(t, s.Addr, "GET /up HTTP/1.1\r\nHost: h\r\n\r\n")
	if all, err := io.ReadAll(r); err != nil || len(all) > 0 {
		t.Errorf("%q, %v", all, err)
	}
	hasAll(t, logged(t, s.Log, "panic while passing on"), "stack=", "handover_test.go")
	_, body := get(t, s.URL+"/alive")
	same(t, "the server", body, "GET /alive")
}

func TestTooManyPassages(t *testing.T) {
	t.Parallel()
	began, release := make(chan bool), make(chan bool)
	s := start(t, echo, passing(func(ctx context.Context, p *server.Passage) server.Passed {
		began <- true
		<-release
		return echoing(ctx, p)
	}, func(o *server.Options) { o.Concurrency = 1 }))
	_, first := raw(t, s.Addr, "GET /up HTTP/1.1\r\nHost: h\r\n\r\n")
	<-began
	_, second := raw(t, s.Addr, "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
	res, body := answer(t, second, "POST")
	same(t, "status", res.StatusCode, 503)
	hasAll(t, body, "ROM503")
	close(release)
	_, body = answer(t, first, "GET")
	same(t, "the first", body, "GET /up HTTP/1.1 /up  ")
}

func TestPassageIsWatched(t *testing.T) {
	t.Parallel()
	began, ended := make(chan bool), make(chan bool, 1)
	s := start(t, echo, passing(func(ctx context.Context, _ *server.Passage) server.Passed {
		began <- true
		<-ctx.Done()
		ended <- true
		return server.Passed{Broken: true}
	}))
	c, _ := raw(t, s.Addr, "GET /up HTTP/1.1\r\nHost: h\r\n\r\n")
	<-began
	c.Close()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("not canceled")
	}
	hasAll(t, logged(t, s.Log, "msg=request"), "broken=true", "path=/up")
}

func TestShutdownWaitsForPassages(t *testing.T) {
	t.Parallel()
	began, closing := make(chan bool), make(chan bool)
	s := start(t, echo, passing(func(ctx context.Context, p *server.Passage) server.Passed {
		defer p.OnClosing(func() { close(closing) })()
		began <- true
		<-closing
		return echoing(ctx, p)
	}))
	_, r := raw(t, s.Addr, "GET /up HTTP/1.1\r\nHost: h\r\n\r\n")
	<-began
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	_, body := answer(t, r, "GET")
	same(t, "body", body, "GET /up HTTP/1.1 /up  ")
}
