package server_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// from connects from an address of its own: all of 127.0.0.0/8 is ours.
func from(t testing.TB, local, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}
	c, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(25 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// silent opens connections that say nothing, and returns when all are counted.
func silent(t testing.TB, s *running, local string, n int) []net.Conn {
	t.Helper()
	before, conns := s.Connections().Open, make([]net.Conn, n)
	for i := range conns {
		conns[i], _ = from(t, local, s.Addr)
	}
	servicetest.Eventually(t, "all are connected", func() bool { return s.Connections().Open == before+n })
	return conns
}

const getRoot = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

func ask(t testing.TB, c net.Conn, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	if _, err := io.WriteString(c, getRoot); err != nil {
		t.Fatal(err)
	}
	return answer(t, r, http.MethodGet)
}

func TestSilentAddressShutsNobodyElseOut(t *testing.T) {
	t.Parallel()
	const each = 1000
	s := start(t, echo, func(o *server.Options) { o.Concurrency, o.PerAddress = 3000, each })
	conns := silent(t, s, "127.0.0.9", each)
	for range 3 {
		c, r := from(t, "127.0.0.9", s.Addr)
		res, body := ask(t, c, r)
		same(t, "status", res.StatusCode, http.StatusTooManyRequests)
		same(t, "type", res.Header.Get("Content-Type"), "application/json; charset=utf-8")
		same(t, "closes", res.Close, true)
		hasAll(t, body, `"code":"ROM429"`, `"message":`, `"details":`, "romashka-max-connections-ip", "romashka-trusted-proxies")
	}
	c, r := from(t, "127.0.0.8", s.Addr)
	_, body := ask(t, c, r)
	same(t, "another address", body, "GET /")
	same(t, "refused", s.Connections().RefusedOfEach, int64(3))
	same(t, "lines of the log", strings.Count(s.Log.String(), "connections are refused"), 1)
	hasAll(t, s.Log.String(), "last_address=127.0.0.9", "romashka-max-connections-ip")

	conns[0].Close()
	servicetest.Eventually(t, "there is room again", func() bool { return s.Connections().Open == each })
	c, r = from(t, "127.0.0.9", s.Addr)
	_, body = ask(t, c, r)
	same(t, "room again", body, "GET /")
}

func TestTooManyConnectionsOfAll(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) {
		o.Concurrency, o.PerAddress = 3, -1
		o.Ready = func() server.Status { return server.Ready }
	})
	c, r := from(t, "127.0.0.8", s.Addr)
	same(t, "not full", s.Full(), false)
	silent(t, s, "127.0.0.9", 2)
	refused, rest := from(t, "127.0.0.7", s.Addr)
	res, body := ask(t, refused, rest)
	same(t, "status", res.StatusCode, http.StatusServiceUnavailable)
	hasAll(t, body, `"code":"ROM503"`, "The limit is 3 connections.", "romashka-max-connections")
	if res.Header.Get("Retry-After") == "" || res.Header.Get("Proxy-Status") == "" {
		t.Errorf("headers: %v", res.Header)
	}
	if _, err := io.WriteString(c, "GET /ready HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, _ = answer(t, r, http.MethodGet)
	same(t, "ready", res.StatusCode, http.StatusServiceUnavailable)
	same(t, "full", s.Full(), true)
	same(t, "refused", s.Connections().RefusedOfAll, int64(1))
}

// A load balancer's connections belong to many clients.
func TestTrustedProxiesHaveNoLimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) {
		o.PerAddress, o.TrustedProxies = 1, []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}
	})
	silent(t, s, "127.0.0.9", 20)
	c, r := from(t, "127.0.0.9", s.Addr)
	_, body := ask(t, c, r)
	same(t, "a proxy", body, "GET /")
	silent(t, s, "127.0.0.8", 1)
	c, r = from(t, "127.0.0.8", s.Addr)
	res, _ := ask(t, c, r)
	same(t, "a client", res.StatusCode, http.StatusTooManyRequests)
}

// A client that sends nothing, or never ends its request, has five seconds once
// half of all connections are taken, those who came before included.
func TestSilenceIsShortWhereConnectionsAreScarce(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) { o.Concurrency, o.PerAddress, o.ReadTimeout = 8, -1, time.Minute })
	began := time.Now()
	quiet := silent(t, s, "127.0.0.9", 4)
	c, r := from(t, "127.0.0.9", s.Addr)
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\n"); err != nil {
		t.Fatal(err)
	}
	res, _ := answer(t, r, http.MethodGet)
	same(t, "a head without an end", res.StatusCode, http.StatusRequestTimeout)
	for _, c := range quiet {
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("silent: %v, want EOF", err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("given up after %v", took)
	}
}
