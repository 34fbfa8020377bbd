package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/edge/gateway"
)

// An observer is called once for each request, with its service and its end
// there. Headers that it adds arrive.
func TestWatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, upstream, send, want string }{
		{"answered", "", "GET /storage/v1/x HTTP/1.1\r\nHost: h\r\n\r\n", "storage {204 false}"},
		{"a relation of the project", "", "GET /rest/v1/others?id=eq.1 HTTP/1.1\r\nHost: h\r\n\r\n", "rest {204 false}"},
		{"hung up", "hangs up", "POST /auth/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", "auth {0 true}"},
		{"nobody there", "127.0.0.1:1", "GET /graphql/v1 HTTP/1.1\r\nHost: h\r\n\r\n", "graphql {0 true}"},
		{"the client's own fault", "", "POST /functions/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "functions {0 false}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			told := make(chan string, 2)
			watch := func(_ context.Context, service string, r *http.Request) func(gateway.Outcome) {
				r.Header.Set("Traceparent", "added")
				return func(o gateway.Outcome) { told <- fmt.Sprint(service, " ", o) }
			}
			address := tt.upstream
			switch address {
			case "":
				address = strings.TrimPrefix(upstream(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = r.Body.Read(make([]byte, 1))
					same(t, "header", r.Header.Get("Traceparent"), "added")
					w.WriteHeader(http.StatusNoContent)
				}).URL, "http://")
			case "hangs up":
				address = listen(t, func(_ net.Conn, r *bufio.Reader) { http.ReadRequest(r) })
			}
			s := start(t, "http://"+address, func(s *settings) { s.Watch = watch })
			_, r := raw(t, s.Addr, tt.send)
			answer(t, r, strings.Fields(tt.send)[0])
			same(t, "told", soon(t, "told", told), tt.want)
			if len(told) > 0 {
				t.Errorf("told again: %s", <-told)
			}
		})
	}
}
