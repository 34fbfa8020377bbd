package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// A request that two servers could read differently never reaches the upstream
// as two requests, nor the engine as a second one.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	const inner = "GET /auth/v1/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
	for _, tt := range []struct{ name, send string }{
		{"two lengths", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n" + inner},
		{"two equal lengths", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" + inner},
		{"a list of lengths", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 44\r\n\r\n" + inner},
		{"signed length", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n" + inner},
		{"negative length", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n" + inner},
		{"hexadecimal length", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0x0\r\n\r\n" + inner},
		{"huge length", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n" + inner},
		{"length and chunks", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner},
		{"chunks twice", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner},
		{"chunks and identity", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner},
		{"a list of codings", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + inner},
		{"odd coding", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + inner},
		{"coding in quotes", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + inner},
		{"coding with a tab", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + inner},
		{"identity", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n" + inner},
		{"blank before the colon", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + inner},
		{"folded line", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nX: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner},
		{"bare line feeds", "POST /auth/v1/x HTTP/1.1\nHost: h\nContent-Length: 0\nContent-Length: 44\n\n" + inner},
		{"bare carriage return", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nX: y\rContent-Length: 44\r\n\r\n" + inner},
		{"NUL in a value", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nX: y\x00z\r\nContent-Length: 44\r\n\r\n" + inner},
		{"chunk size with a sign", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + inner},
		{"chunk size beyond 64 bits", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + inner},
		{"chunk with another end", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxXX0\r\n\r\n" + inner},
		{"HTTP/1.0 with chunks", "POST /auth/v1/x HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner},
		{"a refused path with a body", "POST /auth/v1/a%2F..%2Fb HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\n\r\n" + inner},
		{"two hosts", "GET /auth/v1/x HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n" + inner},
		{"a preflight with a body", "OPTIONS /auth/v1/x HTTP/1.1\r\nHost: h\r\nOrigin: http://app\r\nAccess-Control-Request-Method: POST\r\nContent-Length: 44\r\n\r\n" + inner},
		{"length hidden by Connection", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nConnection: Content-Length\r\nContent-Length: 44\r\n\r\n" + inner},
		{"line end in the target", "GET /auth/v1/x%0d%0aX-Injected:%20y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			paths := new(servicetest.Log)
			up := upstream(t, func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				fmt.Fprintf(paths, "%q %q\n", r.URL.Path, r.Header.Get("X-Injected"))
			})
			s := start(t, up.URL)
			c, r := raw(t, s.Addr, tt.send)
			c.CloseWrite()
			answers, _ := io.ReadAll(r)
			s.stop()
			up.Close()
			if seen := paths.String(); strings.Contains(seen, "smuggled") || strings.Contains(seen, `"y"`) {
				t.Errorf("reached the upstream: %s; answers:\n%s", seen, answers)
			}
			if n := strings.Count(string(answers), "HTTP/1.1 "); n > 1 {
				t.Errorf("%d answers:\n%s", n, answers)
			}
		})
	}
}

// A path that some servers read as another one is not passed on.
func TestPathsThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	s := front(t, tell)
	for _, path := range []string{
		"/auth/v1/../../pg/query", "/auth/v1/./x", "/auth/v1/%2e%2e/x", "/auth/v1/%2E./x", "/auth/v1/x%2f..%2fy", "/auth/v1/..%5cx", "/auth/v1/..",
		"/rest/v1/../v1/security_incidents", "/rest/v1/x/..%2Fsecurity_incidents", "/rest/v1/%2e/security_incidents",
	} {
		_, r := raw(t, s.Addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		res, body := answer(t, r, "GET")
		same(t, path, res.StatusCode, http.StatusBadRequest)
		has(t, body, "ROM400")
	}
	for _, path := range []string{"/storage/v1/object/a..b", "/storage/v1/object/...", "/storage/v1/.well-known"} {
		_, r := raw(t, s.Addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		_, body := answer(t, r, "GET")
		same(t, path, body, "upstream GET "+path+" ")
	}
}

// The absolute form names a host; ours is the only one that is asked.
func TestAbsoluteTarget(t *testing.T) {
	t.Parallel()
	s := front(t, tell)
	_, r := raw(t, s.Addr, "GET http://elsewhere.example/auth/v1/user?x=1 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
	_, body := answer(t, r, "GET")
	same(t, "body", body, "upstream GET /auth/v1/user?x=1 ")
}
