package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// noise returns n bytes without a pattern, so that a fault at a buffer's
// boundary shows.
func noise(n int) []byte {
	source := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)})
	b := make([]byte, n)
	source.Read(b)
	return b
}

var sizes = []int{0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 32767, 32768, 32769, 100_000, 3_000_000} // read-only

// Bodies of all sizes pass both ways, with and without a known length, all
// over one connection, which also serves the engine's requests.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Header().Set("X-Length", strconv.FormatInt(r.ContentLength, 10))
		if r.URL.Query().Has("known") {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		} else if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		w.Write(body)
	})
	c := client(t)
	for _, n := range sizes {
		for _, known := range []bool{true, false} {
			body, url := noise(n), s.URL+"/storage/v1/object/x?chunked"
			reader, length := io.Reader(struct{ io.Reader }{bytes.NewReader(body)}), "-1"
			if known {
				reader, url, length = bytes.NewReader(body), s.URL+"/storage/v1/object/x?known", strconv.Itoa(n)
			}
			res, got := do(t, c, request(t, "POST", url, reader))
			if got != string(body) {
				t.Errorf("%d bytes, known length %v: came back as %d others", n, known, len(got))
			}
			if n > 0 {
				same(t, fmt.Sprintf("length of %d", n), res.Header.Get("X-Length"), length)
			}
			same(t, fmt.Sprintf("%d, %v: the connection ends", n, known), res.Close, false)
			_, got = do(t, c, request(t, "POST", s.URL+"/rest/v1/rpc/get_security_metrics", strings.NewReader("small")))
			same(t, "engine", got, "engine POST /rpc/get_security_metrics small")
		}
	}
}

// The engine's limit does not apply to requests of the gateway.
func TestLimitsAreNotTheGateways(t *testing.T) {
	t.Parallel()
	s := front(t, tell, func(s *settings) { s.server.BodyLimit = 1000 })
	long := strings.Repeat("x", 50_000)
	_, body := do(t, client(t), request(t, "PUT", s.URL+"/storage/v1/x", strings.NewReader(long)))
	same(t, "upstream", body, "upstream PUT /storage/v1/x "+long)
	_, body = do(t, client(t), request(t, "POST", s.URL+"/rest/v1/conversations", strings.NewReader(long)))
	same(t, "an older table", body, "upstream POST /rest/v1/conversations "+long)
	res, _ := do(t, client(t), request(t, "POST", s.URL+"/rest/v1/security_incidents", strings.NewReader(long)))
	same(t, "our table", res.StatusCode, http.StatusRequestEntityTooLarge)
}

// Requests of both kinds in one packet are answered in order.
func TestPipelined(t *testing.T) {
	t.Parallel()
	s := front(t, tell)
	var all strings.Builder
	const n = 100
	for i := range n {
		fmt.Fprintf(&all, "GET /auth/v1/%d HTTP/1.1\r\nHost: h\r\n\r\n", i)
		all.WriteString("POST /security_incidents HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
		fmt.Fprintf(&all, "POST /storage/v1/%d HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nthree", i)
		fmt.Fprintf(&all, "PUT /storage/v1/%d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", i)
	}
	_, r := raw(t, s.Addr, all.String())
	for i := range n {
		for _, want := range []string{"upstream GET /auth/v1/%d ", "engine POST /security_incidents abc", "upstream POST /storage/v1/%d three", "upstream PUT /storage/v1/%d abcde"} {
			_, got := answer(t, r, "GET")
			if want := strings.ReplaceAll(want, "%d", strconv.Itoa(i)); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	}
}

func TestRequestInManyPieces(t *testing.T) {
	t.Parallel()
	s := front(t, tell)
	c, r := raw(t, s.Addr, "")
	for range 2 {
		for _, b := range []byte("POST /functions/v1/slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") {
			if _, err := c.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		_, body := answer(t, r, "POST")
		same(t, "body", body, "upstream POST /functions/v1/slow abc")
	}
}

// A part that the upstream writes at once arrives at once, before it writes
// more.
func TestStreamsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, header, value string }{
		{"events", "Content-Type", "text/event-stream"},
		{"chunks", "Content-Type", "application/octet-stream"},
		{"of known length", "Content-Length", "18"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next := make(chan bool)
			s := front(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(tt.header, tt.value)
				for range 3 {
					io.WriteString(w, "data\n\n")
					http.NewResponseController(w).Flush()
					<-next
				}
			})
			res, err := client(t).Do(request(t, "GET", s.URL+"/functions/v1/stream", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			for range 3 {
				got := make([]byte, 6)
				if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != "data\n\n" {
					t.Fatalf("%q, %v", got, err)
				}
				next <- true
			}
			if rest, err := io.ReadAll(res.Body); err != nil || len(rest) > 0 {
				t.Errorf("rest %q, %v", rest, err)
			}
		})
	}
}

// The head of a stream does not wait for its first event.
func TestHeadOfAStreamComesAtOnce(t *testing.T) {
	t.Parallel()
	release := make(chan bool)
	s := front(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		http.NewResponseController(w).Flush()
		<-release
	})
	res, err := client(t).Do(request(t, "GET", s.URL+"/functions/v1/stream", nil))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "status", res.StatusCode, 200)
	close(release)
	res.Body.Close()
}

// An upstream may answer while it still reads.
func TestBothWaysAtOnce(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		c.EnableFullDuplex()
		c.Flush()
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			fmt.Fprintf(w, "echo %s\n", lines.Text())
			c.Flush()
		}
	})
	body, say := io.Pipe()
	res, err := client(t).Do(request(t, "POST", s.URL+"/functions/v1/echo", body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for i := range 5 {
		fmt.Fprintf(say, "line %d\n", i)
		if got, err := lines.ReadString('\n'); err != nil || got != fmt.Sprintf("echo line %d\n", i) {
			t.Fatalf("%q, %v", got, err)
		}
	}
	say.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("rest %q, %v", rest, err)
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "X-Sum")
		w.Write(body)
		w.Header().Set("X-Sum", r.Trailer.Get("X-Sum")+" seen")
	})
	_, r := raw(t, s.Addr, "POST /functions/v1/x HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\nGET /security_incidents HTTP/1.1\r\nHost: h\r\n\r\n")
	res, body := answer(t, r, "POST")
	same(t, "body", body, "abc")
	same(t, "trailer", res.Trailer.Get("X-Sum"), "42 seen")
	_, body = answer(t, r, "GET")
	same(t, "next", body, "engine GET /security_incidents ")
}

// The upstream decides whether a body is wanted.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/storage/v1/refused" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		tell(w, r)
	})
	c, r := raw(t, s.Addr, "POST /storage/v1/wanted HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	line, _ := r.ReadString('\n')
	same(t, "interim answer", line, "HTTP/1.1 100 Continue\r\n")
	r.ReadString('\n')
	io.WriteString(c, "body")
	_, body := answer(t, r, "POST")
	same(t, "answer", body, "upstream POST /storage/v1/wanted body")

	_, r = raw(t, s.Addr, "POST /storage/v1/refused HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	res, _ := answer(t, r, "POST")
	same(t, "refusal", res.StatusCode, http.StatusForbidden)
	same(t, "the connection ends", res.Close, true)
}

// An answer that comes before the body was read reaches a client that is
// still sending.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		io.WriteString(w, "too large")
	})
	for range 5 {
		res, body := do(t, client(t), request(t, "PUT", s.URL+"/storage/v1/x", bytes.NewReader(make([]byte, 20<<20))))
		same(t, "status", res.StatusCode, http.StatusRequestEntityTooLarge)
		same(t, "body", body, "too large")
	}
}

// An HTTP/1.0 client gets no chunks.
func TestOldClients(t *testing.T) {
	t.Parallel()
	s := front(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			io.WriteString(w, "piece ")
			http.NewResponseController(w).Flush()
		}
	})
	_, r := raw(t, s.Addr, "GET /functions/v1/x HTTP/1.0\r\nHost: h\r\n\r\n")
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(all), "\r\n\r\n")
	same(t, "body", body, "piece piece piece ")
	has(t, head, "HTTP/1.1 200 OK\r\n", "Connection: close")
}

// Half an answer must not look whole to a client for whom the connection's end
// is the body's.
func TestOldClientsSeeBrokenAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, "http://"+listen(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err == nil {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
		}
	}))
	_, r := raw(t, s.Addr, "GET /functions/v1/x HTTP/1.0\r\nHost: h\r\n\r\n")
	if all, err := io.ReadAll(r); err == nil {
		t.Errorf("looks whole: %q", all)
	}
}

func TestOverAUnixSocket(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	up := upstream(t, seen(requests))
	path := t.TempDir() + "/s"
	start(t, up.URL, func(s *settings) { s.listen.UnixSocket, s.listen.UnixSocketMode = path, 0o600 })
	c := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	do(t, c, request(t, "GET", "http://side.car/auth/v1/x", nil, "X-Forwarded-For: 198.51.100.1"))
	got := <-requests
	same(t, "client", got.Header.Get("X-Forwarded-For"), "198.51.100.1")
	same(t, "host", got.Header.Get("X-Forwarded-Host"), "side.car")
}
