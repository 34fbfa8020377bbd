package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

// Clients of HTTP/1.0, such as nginx with proxy_pass alone, know no chunks, no
// interim answers, and end connections unless they say otherwise.
func TestHTTP10(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		switch req.Path {
		case "/stream":
			return streamOf(func(w writer) error {
				for _, row := range []string{"one\n", "two\n", "three\n"} {
					if _, err := io.WriteString(w, row); err != nil {
						return err
					}
				}
				return nil
			})
		case "/broken":
			return streamOf(func(w writer) error {
				if _, err := io.WriteString(w, "half"); err != nil {
					return err
				}
				return errors.New("the database went away")
			})
		}
		return text("body " + string(req.Body))
	}, func(o *server.Options) { o.Version = "9" })
	for _, tt := range []struct {
		name, send string
		want       string // body, which ends with the connection
	}{
		{"body", "GET /x HTTP/1.0\r\n\r\n", "body "},
		{"refusal", "GET /x HTTP/1.0\r\nAuthorization: Bearer bad\r\n\r\n", `{"code":"PGRST301","details":null,"hint":null,"message":"no"}`},
		{"stream", "GET /stream HTTP/1.0\r\n\r\n", "one\ntwo\nthree\n"},
		{"stream, kept alive", "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "one\ntwo\nthree\n"},
		{"stream, through a proxy", "GET /stream HTTP/1.0\r\nHost: h\r\nConnection: close\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n", "one\ntwo\nthree\n"},
		{"an announced body", "POST /x HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "body abc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, r := raw(t, s.Addr, tt.send)
			all, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			head, body, _ := strings.Cut(string(all), "\r\n\r\n")
			same(t, "body", body, tt.want)
			if strings.Contains(head, "Transfer-Encoding") || strings.Contains(head, " 100 ") {
				t.Errorf("head: %s", head)
			}
			hasAll(t, head, "Server: romashka/9", "Date: ", "Connection: close", "Content-Type: ")
		})
	}
	t.Run("kept alive", func(t *testing.T) {
		t.Parallel()
		_, r := raw(t, s.Addr, strings.Repeat("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 2))
		for range 2 {
			res, body := answer(t, r, http.MethodGet)
			same(t, "body", body, "body ")
			same(t, "connection", res.Header.Get("Connection"), "keep-alive")
		}
	})
	t.Run("a stream that breaks", func(t *testing.T) {
		t.Parallel()
		_, r := raw(t, s.Addr, "GET /broken HTTP/1.0\r\n\r\n")
		if all, err := io.ReadAll(r); err == nil {
			t.Errorf("half a body looks whole: %q", all)
		}
		hasAll(t, logged(t, s.Log, "path=/broken"), "broken=true", "status=200")
	})
}
