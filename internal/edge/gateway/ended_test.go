package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
)

// user is signed in.
type user struct{}

func (user) Authenticate(context.Context, auth.Credentials) (auth.Identity, error) {
	return auth.Identity{Role: "authenticated", Session: auth.Session{ID: "one"}}, nil
}

// A request whose session ends while the upstream works at it is told so, and the
// connection serves on: a browser that gets no answer would try again.
func TestSessionEndsWithinARequest(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"behind its head": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "5")
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up := upstream(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/storage/v1/slow" {
					return
				}
				begin(w)
				<-r.Context().Done()
			}))
			w := &watching{followed: make(chan string, 4), end: map[string]func(){}}
			s := start(t, up.URL, func(s *settings) { s.server.Sessions, s.server.Auth = w, user{} })
			c, err := net.Dial("tcp", s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			r := bufio.NewReader(c)
			ask := func(path string) {
				if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x\r\n\r\n", path); err != nil {
					t.Fatal(err)
				}
			}
			hear := func() (int, string) {
				t.Helper()
				res, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatalf("no answer: %v", err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				return res.StatusCode, string(body)
			}
			ask("/storage/v1/slow")
			same(t, "followed", <-w.followed, "one")
			w.end["one"]()
			status, body := hear()
			same(t, "status", status, http.StatusUnauthorized)
			if !strings.Contains(body, "ROM401") {
				t.Error(body)
			}
			ask("/storage/v1/quick")
			status, _ = hear()
			same(t, "the next", status, http.StatusOK)
		})
	}
}
