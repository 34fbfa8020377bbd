package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	askUpgrade  = "GET /realtime/v1/websocket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"
	giveUpgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
)

// upgraded is an upstream that changes the protocol and then goes on by itself.
func upgraded(t testing.TB, serve func(c *net.TCPConn, r *bufio.Reader)) (address string) {
	t.Helper()
	return listen(t, func(c net.Conn, r *bufio.Reader) {
		tcp, ok := c.(*net.TCPConn)
		if _, err := http.ReadRequest(r); err != nil || !ok {
			return
		}
		io.WriteString(c, giveUpgrade)
		serve(tcp, r)
	})
}

// A side that has sent everything still receives the other's answer.
func TestHalfClosedByTheClient(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("answer ", 200_000)
	heard := make(chan string, 1)
	s := start(t, "http://"+upgraded(t, func(c *net.TCPConn, r *bufio.Reader) {
		all, _ := io.ReadAll(r)
		heard <- string(all)
		io.WriteString(c, long)
	}))
	c, r := raw(t, s.Addr, askUpgrade+"question")
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	same(t, "the upstream hears", soon(t, "question", heard), "question")
	if _, err := http.ReadResponse(r, nil); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != long {
		t.Errorf("%d bytes of %d, %v", len(got), len(long), err)
	}
}

func TestHalfClosedByTheUpstream(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 1)
	s := start(t, "http://"+upgraded(t, func(c *net.TCPConn, r *bufio.Reader) {
		io.WriteString(c, "bye")
		c.CloseWrite()
		all, _ := io.ReadAll(r)
		heard <- string(all)
	}))
	c, r := raw(t, s.Addr, askUpgrade)
	if _, err := http.ReadResponse(r, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "bye" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := io.WriteString(c, "last words"); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	same(t, "the upstream hears", soon(t, "last words", heard), "last words")
}

// A side that never ends does not keep the connection when the other has.
func TestHalfClosedForTooLong(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := start(t, "http://"+upgraded(t, func(_ *net.TCPConn, r *bufio.Reader) {
		_, err := io.Copy(io.Discard, r) // the client's end
		ended <- err
		<-t.Context().Done()
	}), func(s *settings) { s.IdleTimeout = 300 * time.Millisecond })
	c, r := raw(t, s.Addr, askUpgrade)
	if _, err := http.ReadResponse(r, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := soon(t, "the upstream sees the end", ended); err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // returns when the sidecar gives up
		t.Error(err)
	}
}

// Only WebSockets take a connection over: behind h2c nobody would look at the
// requests.
func TestOtherProtocolsAreNotTunnelled(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	s := front(t, seen(requests))
	for _, send := range []string{
		"GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
		"GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n",
		"GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
		"POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
		"GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n",
	} {
		_, r := raw(t, s.Addr, send)
		res, _ := answer(t, r, "GET")
		same(t, "status", res.StatusCode, http.StatusOK)
		got := <-requests
		for _, name := range []string{"Upgrade", "Connection", "Http2-Settings"} {
			same(t, name, strings.Join(got.Header[name], "|"), "")
		}
	}
}
