//go:build unix

package server_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
)

// honest asks until stop is closed, and reports errors.
func honest(t testing.TB, url string, stop <-chan struct{}) (wait func() (served int)) {
	t.Helper()
	served := 0
	var done sync.WaitGroup
	done.Go(func() {
		client := &http.Client{Timeout: 10 * time.Second}
		defer client.CloseIdleConnections()
		for {
			select {
			case <-stop:
				return
			default:
			}
			res, err := client.Do(request(t, "GET", url+"/honest", nil))
			if err != nil {
				t.Errorf("an honest client: %v", err)
				return
			}
			if _, err = io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
				t.Errorf("an honest client: %d, %v", res.StatusCode, err)
			}
			res.Body.Close()
			served++
		}
	})
	return func() int { done.Wait(); return served }
}

// A client that sends a byte now and then does not hold its connection, be it
// in the headers or in the body, and does not keep others from being served.
func TestSlowloris(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) { o.ReadTimeout = 500 * time.Millisecond })
	stop := make(chan struct{})
	wait := honest(t, s.URL, stop)
	var slow sync.WaitGroup
	for i := range 300 {
		head := "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "
		if i%2 == 1 {
			head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
		}
		c, r := raw(t, s.Addr, head)
		slow.Go(func() {
			began := time.Now()
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			closed := make(chan struct{})
			go func() { defer close(closed); _, _ = io.Copy(io.Discard, r) }()
			for {
				select {
				case <-closed:
					return
				case <-tick.C:
					_, _ = c.Write([]byte("x")) // it fails once the server has had enough
				}
				if time.Since(began) > 15*time.Second {
					t.Error("a slow client still has its connection")
					c.Close()
					return
				}
			}
		})
	}
	slow.Wait()
	close(stop)
	if served := wait(); served == 0 {
		t.Error("nobody else was served")
	}
}

// A client that closes its half after asking, as a shell's nc does, gets its
// answer; one that opens many connections and says nothing loses them.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) { o.ReadTimeout, o.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond })
	c, r := raw(t, s.Addr, "GET /half HTTP/1.1\r\nHost: h\r\n\r\n")
	if tcp, ok := c.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := answer(t, r, "GET"); body != "GET /half" {
		t.Errorf("body %q", body)
	}
	readers := make([]*bufio.Reader, 200)
	for i := range readers {
		_, readers[i] = raw(t, s.Addr, "GET / HT")
	}
	for _, r := range readers {
		if _, err := io.Copy(io.Discard, r); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("not closed: %v", err)
		}
	}
}

// Garbage behind a request does not change its answer, and ends the connection.
func TestPipelinedGarbage(t *testing.T) {
	t.Parallel()
	s := start(t, echo)
	for _, garbage := range []string{
		"\x00\x01\x02\xff\xfe\r\n\r\n", "GET\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", strings.Repeat("A", 200_000) + "\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		_, r := raw(t, s.Addr, "GET /first HTTP/1.1\r\nHost: h\r\n\r\n"+garbage)
		if _, body := answer(t, r, "GET"); body != "GET /first" {
			t.Errorf("before %.20q: %q", garbage, body)
		}
		rest, err := io.ReadAll(r)
		if err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%.20q keeps the connection: %v", garbage, err)
		}
		if strings.Count(string(rest), "HTTP/1.1 ") > 2 || strings.Contains(string(rest), " 500 ") {
			t.Errorf("%.20q is answered %.300q", garbage, rest)
		}
	}
	if res, _ := get(t, s.URL); res.StatusCode != 200 {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}
