package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// BenchmarkSmall is a request of one small answer, from client to upstream and
// back, all in this process; Direct is the same without the sidecar.
func BenchmarkSmall(b *testing.B) {
	answer := []byte(strings.Repeat("x", 1024))
	up := upstream(b, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write(answer)
	})
	s := start(b, up.URL)
	for name, url := range map[string]string{"Direct": up.URL, "Gateway": s.URL} {
		for _, method := range []string{"GET", "POST"} {
			b.Run(name+"/"+method, func(b *testing.B) {
				c := client(b)
				b.ReportAllocs()
				for b.Loop() {
					body := io.Reader(nil)
					if method == "POST" {
						body = strings.NewReader(`{"email":"user@example.com","password":"..."}`)
					}
					if res, _ := do(b, c, request(b, method, url+"/auth/v1/token", body)); res.StatusCode != 200 {
						b.Fatal(res.Status)
					}
				}
			})
		}
	}
}

// BenchmarkWebSocket is a message there and back.
func BenchmarkWebSocket(b *testing.B) {
	c := dial(b, front(b, echo), nil)
	text := []byte(`{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}`)
	b.ReportAllocs()
	for b.Loop() {
		says(b, c, websocket.MessageText, text)
	}
}
