package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

func echo(_ context.Context, req *postgrest.Request) *postgrest.Response {
	return text(req.Method + " " + req.Path)
}

// Each error reaches a client that is still sending, in PostgREST's shape.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) {
		o.BodyLimit, o.HeaderLimit, o.ReadTimeout = 1000, 8<<10, 200*time.Millisecond
	})
	for _, tt := range []struct {
		name, send string
		status     int
		want       []string
	}{
		{"body", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + strings.Repeat("x", 5000000), 413,
			[]string{`"code":"ROM413"`, "1000 bytes", "romashka-body-limit"}},
		{"chunked body", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 100) + "0\r\n\r\n", 413,
			[]string{`"code":"ROM413"`}},
		{"query of 10 MB", "GET /a?x=" + strings.Repeat("y", 10*megabyte) + " HTTP/1.1\r\nHost: h\r\n\r\n", 414,
			[]string{`"code":"ROM414"`, "8192 bytes", "romashka-header-limit"}},
		{"headers", "GET /a HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X-Long: "+strings.Repeat("y", 1000)+"\r\n", 1000) + "\r\n", 431,
			[]string{`"code":"ROM431"`, "romashka-header-limit"}},
		{"garbage", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, []string{`"code":"ROM400"`}},
		{"no colon", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400, []string{`"code":"ROM400"`}},
		{"control in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400, []string{`"code":"ROM400"`}},
		{"no path", "GET items HTTP/1.1\r\nHost: h\r\n\r\n", 400, []string{`"code":"ROM400"`}},
		{"slow headers", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ", 408, []string{`"code":"ROM408"`}},
		{"slow body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfour", 408, []string{`"code":"ROM408"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, r := raw(t, s.Addr, tt.send)
			res, body := answer(t, r, "GET")
			same(t, "status", res.StatusCode, tt.status)
			same(t, "type", res.Header.Get("Content-Type"), "application/json; charset=utf-8")
			hasAll(t, body, tt.want...)
			if _, err := r.ReadByte(); err == nil {
				t.Error("the connection stays open")
			}
		})
	}
}

func TestLargeRequestsWithinLimits(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		return text(req.RawQuery + string(req.Body))
	})
	query, body := strings.Repeat("q", 60_000), strings.Repeat("b", 9<<20)
	_, got := send(t, request(t, "POST", s.URL+"/?"+query, strings.NewReader(body)))
	if got != query+body {
		t.Errorf("got %d bytes, want %d", len(got), len(query)+len(body))
	}
	req := request(t, "POST", s.URL, strings.NewReader("continued"), "Expect: 100-continue")
	if _, got := send(t, req); got != "continued" {
		t.Errorf("100-continue: %q", got)
	}
}

// A large body may take longer than a small one, as long as it keeps coming.
func TestLargeBodiesMayTakeLonger(t *testing.T) {
	t.Parallel()
	const limit = 400 * time.Millisecond
	s := start(t, echo, func(o *server.Options) { o.ReadTimeout = limit })
	piece := strings.Repeat("x", 50_000)
	for name, keeps := range map[string]bool{"comes": true, "stops": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			c, r := raw(t, s.Addr, "POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 150000\r\n\r\n"+piece+piece)
			if !keeps { // 100,000 bytes earn six seconds
				res, _ := answer(t, r, "POST")
				same(t, "status", res.StatusCode, 408)
				if took := time.Since(began); took < 6*time.Second || took > 10*time.Second {
					t.Errorf("given up after %v", took)
				}
				return
			}
			<-time.After(2 * limit)
			if _, err := io.WriteString(c, piece); err != nil {
				t.Fatal(err)
			}
			res, body := answer(t, r, "POST")
			same(t, "status", res.StatusCode, 200)
			same(t, "body", body, "POST /large")
		})
	}
}

func TestSilentConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) { o.ReadTimeout, o.IdleTimeout = 100*time.Millisecond, 100*time.Millisecond })
	c, r := raw(t, s.Addr, "")
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("never used: %v, want EOF", err)
	}
	c.Close()
	_, r = raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	answer(t, r, "GET")
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("after a request: %v, want EOF", err)
	}
}

// A stream may last longer than the write time-out as long as its client reads.
func TestClientThatStopsReadingIsCutOff(t *testing.T) {
	t.Parallel()
	cut := make(chan error, 1)
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response {
		return streamOf(func(w writer) error {
			for {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					cut <- err
					return err
				}
			}
		})
	}, func(o *server.Options) { o.WriteTimeout = time.Second })
	_, r := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	for until := time.Now().Add(1500 * time.Millisecond); time.Now().Before(until); {
		if _, err := r.Discard(16 << 10); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-cut:
		if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Timeout() {
			t.Errorf("cut with %v, want a time-out", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("still sending to a client that does not read")
	}
}

func TestPipelinedRequests(t *testing.T) {
	t.Parallel()
	s := start(t, echo)
	var all strings.Builder
	const n = 200
	for range n {
		all.WriteString("GET /one HTTP/1.1\r\nHost: h\r\n\r\nPOST /two HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
	}
	_, r := raw(t, s.Addr, all.String())
	for range n {
		_, one := answer(t, r, "GET")
		_, two := answer(t, r, "POST")
		if one != "GET /one" || two != "POST /two" {
			t.Fatalf("%q, %q", one, two)
		}
	}
}

func TestRequestInManyPieces(t *testing.T) {
	t.Parallel()
	s := start(t, echo)
	c, r := raw(t, s.Addr, "")
	for _, b := range []byte("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc") {
		if _, err := c.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	_, body := answer(t, r, "POST")
	same(t, "body", body, "POST /slow")
}
