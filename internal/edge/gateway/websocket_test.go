package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// echo is a WebSocket server that sends each message back.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"phoenix"}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(64 << 20)
	for {
		kind, data, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if string(data) == "leave" {
			c.Close(websocket.StatusGoingAway, "bye")
			return
		}
		if c.Write(r.Context(), kind, data) != nil {
			return
		}
	}
}

func dial(t testing.TB, s *sidecar, o *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.URL, "http")+"/realtime/v1/websocket?apikey=x&vsn=1.0.0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(64 << 20)
	return c
}

func says(t testing.TB, c *websocket.Conn, kind websocket.MessageType, data []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- c.Write(ctx, kind, data) }()
	gotKind, got, err := c.Read(ctx)
	if err != nil || gotKind != kind || !bytes.Equal(got, data) {
		t.Fatalf("sent %d bytes, got %d, %v", len(data), len(got), err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	plain := upstream(t, echo)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	secure.EnableHTTP2 = true // offered, and not to be taken
	secure.StartTLS()
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	for name, url := range map[string]string{"http": plain.URL, "https": secure.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, url, func(s *settings) { s.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12} })
			c := dial(t, s, &websocket.DialOptions{Subprotocols: []string{"phoenix"}, CompressionMode: websocket.CompressionContextTakeover})
			same(t, "subprotocol", c.Subprotocol(), "phoenix")
			for _, n := range sizes {
				says(t, c, websocket.MessageBinary, noise(n))
			}
			for range 100 {
				says(t, c, websocket.MessageText, []byte(`{"event":"heartbeat"}`))
			}
			if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
				t.Errorf("close handshake: %v", err)
			}
			logged(t, s.Log, "msg=request", "path=/realtime/v1/websocket", "status=101")
		})
	}
}

func TestWebSocketUpstreamLeaves(t *testing.T) {
	t.Parallel()
	s := front(t, echo)
	c := dial(t, s, nil)
	if err := c.Write(t.Context(), websocket.MessageText, []byte("leave")); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Read(t.Context())
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway || closed.Reason != "bye" {
		t.Errorf("the client sees %v", err)
	}
}

func TestWebSocketClientLeaves(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*websocket.Conn){
		"with a handshake": func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "bye") },
		"without":          func(c *websocket.Conn) { c.CloseNow() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left := make(chan error, 1)
			s := front(t, func(w http.ResponseWriter, r *http.Request) {
				c, err := websocket.Accept(w, r, nil)
				if err != nil {
					left <- err
					return
				}
				_, _, err = c.Read(r.Context())
				left <- err
			})
			leave(dial(t, s, nil))
			err := soon(t, "the upstream sees the end", left)
			if want := websocket.StatusNormalClosure; name == "with a handshake" && websocket.CloseStatus(err) != want {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestWebSocketIdle(t *testing.T) {
	t.Parallel()
	s := front(t, echo, func(s *settings) { s.IdleTimeout = 300 * time.Millisecond })
	c := dial(t, s, nil)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 8 { // longer than the time-out, and never silent for as long
		<-tick.C
		says(t, c, websocket.MessageText, []byte("here"))
	}
	silent := time.Now()
	if _, _, err := c.Read(t.Context()); err == nil || time.Since(silent) > patience {
		t.Errorf("after %v: %v", time.Since(silent), err)
	}
}

func TestWebSocketRefused(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Why", "no key")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "no")
	})
	_, res, err := websocket.Dial(t.Context(), s.URL+"/realtime/v1/websocket", nil)
	if err == nil || res == nil {
		t.Fatalf("was let in: %v", err)
	}
	body, _ := io.ReadAll(res.Body)
	same(t, "status", res.StatusCode, http.StatusForbidden)
	same(t, "header", res.Header.Get("X-Why"), "no key")
	same(t, "body", string(body), "no")
}

// Frames that come with the handshake, from either side, are not lost.
func TestBytesBehindTheHandshake(t *testing.T) {
	t.Parallel()
	up := listen(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x\r\nX-Own: y\r\n\r\nearly")
		io.Copy(c, r)
	})
	s := start(t, "http://"+up)
	c, r := raw(t, s.Addr, "GET /realtime/v1/websocket HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nalso early")
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "status", res.StatusCode, 101)
	same(t, "upgrade", res.Header.Get("Upgrade"), "WebSocket")
	same(t, "own header", res.Header.Get("X-Own"), "y")
	got := make([]byte, len("earlyalso early"))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != "earlyalso early" {
		t.Errorf("%q, %v", got, err)
	}
	c.CloseWrite()
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("rest %q, %v", rest, err)
	}
}

// A shutdown does not wait for WebSockets.
func TestShutdownEndsWebSockets(t *testing.T) {
	t.Parallel()
	s := front(t, echo)
	c := dial(t, s, nil)
	says(t, c, websocket.MessageText, []byte("here"))
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.Read(context.Background())
		ended <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := soon(t, "end", ended); err == nil {
		t.Error("a message came")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestManyWebSockets(t *testing.T) {
	t.Parallel()
	s := front(t, echo)
	var clients sync.WaitGroup
	for range 50 {
		c := dial(t, s, nil)
		clients.Go(func() {
			for n := range 40 {
				says(t, c, websocket.MessageBinary, noise(n*100))
			}
			c.Close(websocket.StatusNormalClosure, "")
		})
	}
	clients.Wait()
}
