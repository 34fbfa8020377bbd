package gateway_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestUpstreamDownAndBack(t *testing.T) {
	t.Parallel()
	address, listen := reserve(t)
	s := start(t, "http://"+address)
	c := client(t)
	for _, method := range []string{"GET", "POST", "HEAD"} {
		res, body := do(t, c, request(t, method, s.URL+"/auth/v1/token", nil, "Origin: http://app"))
		same(t, method, res.StatusCode, http.StatusBadGateway)
		same(t, "type", res.Header.Get("Content-Type"), "application/json; charset=utf-8")
		same(t, "CORS", res.Header.Get("Access-Control-Allow-Origin"), "*")
		same(t, "the connection ends", res.Close, false)
		if method != "HEAD" {
			same(t, "body", body, `{"code":"ROM502","details":"The system says: connection refused.","hint":null,"message":"The upstream cannot be reached"}`)
		}
		if strings.Contains(body, address) {
			t.Errorf("the client is told the address: %s", body)
		}
	}
	logged(t, s.Log, "upstream failed", "level=WARN", "request_id=")
	logged(t, s.Log, "msg=request", "status=502", "code=ROM502", "method=POST")

	up := httptest.NewUnstartedServer(http.HandlerFunc(tell))
	up.Listener.Close()
	up.Listener = listen()
	up.Start()
	defer up.Close()
	_, body := do(t, c, request(t, "POST", s.URL+"/auth/v1/token", strings.NewReader("x")))
	same(t, "back", body, "upstream POST /auth/v1/token x")
}

func TestFailuresAreNamed(t *testing.T) {
	t.Parallel()
	hangUp := listen(t, func(_ net.Conn, r *bufio.Reader) {
		if request, err := http.ReadRequest(r); err == nil { // to its end: else the system resets the connection
			io.Copy(io.Discard, request.Body)
		}
	})
	for _, tt := range []struct {
		name, upstream string
		status         int
		want           []string
	}{
		{"hangs up", "http://" + hangUp, 502, []string{"ROM502", "broke the connection off"}},
		{"no HTTP", "http://" + scripted(t, "220 mail ready\r\n"), 502, []string{"ROM502", "malformed"}},
		{"ambiguous length", "http://" + scripted(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"), 502, []string{"ROM502"}},
		{"silent", "http://" + listen(t, func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) }), 504, []string{"ROM524", "100ms"}},
		{"no name", "http://upstream.invalid", 502, []string{"ROM502", "name"}},
		{"protocol of its own", "http://" + scripted(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: rot13\r\n\r\n"), 502, []string{"ROM502"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.upstream, func(s *settings) { s.AnswerTimeout = 100 * time.Millisecond })
			res, body := do(t, client(t), request(t, "POST", s.URL+"/auth/v1/x", strings.NewReader("body")))
			same(t, "status", res.StatusCode, tt.status)
			has(t, body, tt.want...)
		})
	}
}

// A body that breaks off does not look whole.
func TestUpstreamBreaksOff(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"length":       "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
		"chunks":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"in a chunk":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
		"odd chunk":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalfway",
		"large length": "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("half", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "http://"+listen(t, func(c net.Conn, r *bufio.Reader) {
				http.ReadRequest(r)
				io.WriteString(c, reply)
			}))
			res, err := client(t).Do(request(t, "GET", s.URL+"/storage/v1/x", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err == nil || !strings.HasPrefix(string(body), "half") {
				t.Errorf("read %d bytes, %v; want a part and an error", len(body), err)
			}
			logged(t, s.Log, "msg=request", "broken=true", "status=200")
		})
	}
}

// Only a request that cannot have been carried out is sent again.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, body string
		want               int64 // requests seen upstream
		status             int
	}{
		{"GET", "GET", "", 2, 200},
		{"HEAD", "HEAD", "", 2, 200},
		{"POST", "POST", "x", 1, 502},
		{"POST without a body", "POST", "", 1, 502},
		{"DELETE", "DELETE", "", 1, 502},
		{"GET with a body", "GET", "x", 1, 502},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			// The first request on each connection is answered; the second is
			// read, and the connection closed.
			up := listen(t, func(c net.Conn, r *bufio.Reader) {
				for i := range 2 {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, req.Body)
					if req.URL.Path == "/auth/v1/count" {
						seen.Add(1)
					}
					if i == 0 {
						io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
					}
				}
			})
			s := start(t, "http://"+up)
			get(t, s.URL+"/auth/v1/first")
			res, _ := do(t, client(t), request(t, tt.method, s.URL+"/auth/v1/count", strings.NewReader(tt.body)))
			same(t, "status", res.StatusCode, tt.status)
			same(t, "requests", seen.Load(), tt.want)
		})
	}
}

// A client that leaves ends its request upstream.
func TestLeavingCancels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, send string
		first      bool // the answer has begun
	}{
		{"before the answer", "GET /functions/v1/x HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"in the answer", "GET /functions/v1/x?begin HTTP/1.1\r\nHost: h\r\n\r\n", true},
		{"in its body", "POST /functions/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\npart", false},
		{"with a request behind", "GET /functions/v1/x HTTP/1.1\r\nHost: h\r\n\r\nGET /security_incidents HTTP/1.1\r\nHost: h\r\n\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			began, ended := make(chan bool, 1), make(chan bool, 1)
			s := front(t, func(w http.ResponseWriter, r *http.Request) {
				io.ReadFull(r.Body, make([]byte, 4))
				if r.URL.RawQuery != "" {
					io.WriteString(w, "begun")
					http.NewResponseController(w).Flush()
				}
				began <- true
				if r.ContentLength > 0 {
					io.Copy(io.Discard, r.Body)
				}
				<-r.Context().Done()
				ended <- true
			})
			c, r := raw(t, s.Addr, tt.send)
			soon(t, "begin", began)
			if tt.first {
				for line := ""; line != "begun\r\n"; {
					var err error
					if line, err = r.ReadString('\n'); err != nil {
						t.Fatal(err)
					}
				}
			}
			left := time.Now()
			c.Close()
			soon(t, "end", ended)
			t.Logf("canceled after %v", time.Since(left))
			logged(t, s.Log, "msg=request", "path=/functions/v1/x", "broken=true")
		})
	}
}

// A body that stops coming is given up.
func TestClientBreaksOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, send, want string }{
		{"slow", "POST /storage/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfour", "The body did not arrive in time."},
		{"odd chunk", "POST /storage/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", "The body is malformed."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1)
			s := front(t, func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				ended <- err
			}, func(s *settings) { s.UploadTimeout = 200 * time.Millisecond })
			_, r := raw(t, s.Addr, tt.send)
			res, body := answer(t, r, "POST")
			same(t, "status", res.StatusCode, http.StatusBadRequest)
			has(t, body, `"code":"ROM400"`, tt.want)
			if err := soon(t, "end upstream", ended); err == nil {
				t.Error("the upstream took half a body for a whole one")
			}
		})
	}
}

// An upstream that stops to read is given up, and the client gets an error.
func TestUpstreamStalls(t *testing.T) {
	t.Parallel()
	s := start(t, "http://"+listen(t, func(_ net.Conn, r *bufio.Reader) {
		http.ReadRequest(r)
		<-t.Context().Done()
	}), func(s *settings) { s.UploadTimeout = 300 * time.Millisecond })
	res, body := do(t, client(t), request(t, "POST", s.URL+"/storage/v1/x", zeros(64<<20)))
	same(t, "status", res.StatusCode, http.StatusBadGateway)
	has(t, body, "ROM502", "took nothing of the request for 300ms")
}

// A long upload may take longer than the time-out of each piece.
func TestSlowUploadsLive(t *testing.T) {
	t.Parallel()
	s := front(t, tell, func(s *settings) { s.UploadTimeout, s.server.ReadTimeout = 400*time.Millisecond, 400*time.Millisecond })
	c, r := raw(t, s.Addr, "POST /storage/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 10 {
		<-tick.C
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	_, body := answer(t, r, "POST")
	same(t, "body", body, "upstream POST /storage/v1/x xxxxxxxxxx")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Proto", r.Proto)
		tell(w, r)
	}))
	up.EnableHTTP2 = true
	up.StartTLS()
	t.Cleanup(up.Close)

	strange := start(t, up.URL)
	res, body := get(t, strange.URL+"/auth/v1/x")
	same(t, "untrusted", res.StatusCode, http.StatusBadGateway)
	has(t, body, "ROM502", "certificate")

	roots := x509.NewCertPool()
	roots.AddCert(up.Certificate())
	s := start(t, up.URL, func(s *settings) { s.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12} })
	body = strings.Repeat("x", 100_000)
	res, got := do(t, client(t), request(t, "POST", s.URL+"/storage/v1/x", strings.NewReader(body)))
	same(t, "body", got, "upstream POST /storage/v1/x "+body)
	same(t, "protocol", res.Header.Get("X-Proto"), "HTTP/1.1")
}

// A shutdown lets finite requests finish and ends endless ones.
func TestShutdown(t *testing.T) {
	t.Parallel()
	began, release := make(chan bool, 2), make(chan bool)
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/functions/v1/events" {
			w.Header().Set("Content-Type", "text/event-stream")
			http.NewResponseController(w).Flush()
			began <- true
			<-r.Context().Done()
			return
		}
		began <- true
		<-release
		io.WriteString(w, "finished")
	})
	_, events := raw(t, s.Addr, "GET /functions/v1/events HTTP/1.1\r\nHost: h\r\n\r\n")
	soon(t, "events", began)
	_, finite := raw(t, s.Addr, "GET /functions/v1/finite HTTP/1.1\r\nHost: h\r\n\r\n")
	soon(t, "request", began)

	down := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		down <- s.Shutdown(ctx)
	}()
	if _, err := io.ReadAll(events); err != nil {
		t.Errorf("events end with %v", err)
	}
	select {
	case err := <-down:
		t.Fatalf("did not wait for the request: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	_, body := answer(t, finite, "GET")
	same(t, "body", body, "finished")
	if err := soon(t, "shutdown", down); err != nil {
		t.Error(err)
	}
}

// An exchange that does not end in time is canceled.
func TestShutdownInTime(t *testing.T) {
	t.Parallel()
	began := make(chan bool, 1)
	s := front(t, func(_ http.ResponseWriter, r *http.Request) {
		began <- true
		<-r.Context().Done()
	})
	raw(t, s.Addr, "GET /functions/v1/x HTTP/1.1\r\nHost: h\r\n\r\n")
	soon(t, "request", began)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown: %v", err)
	}
}
