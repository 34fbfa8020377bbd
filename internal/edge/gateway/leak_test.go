package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Exchanges leave no goroutine behind, however they end.
//
// Not parallel: it counts the goroutines of the process.
func TestNothingIsLeftRunning(t *testing.T) { //nolint:paralleltest // see above
	const cleaner = 1 // of fasthttp's pool, which sleeps for up to 10 s
	before := runtime.NumGoroutine() + cleaner
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/realtime/v1/websocket":
			echo(w, r)
		case "/functions/v1/hang":
			io.Copy(io.Discard, r.Body) // net/http sees a client leave only after its body
			io.WriteString(w, "begun")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/functions/v1/early":
			w.WriteHeader(http.StatusForbidden)
		case "/functions/v1/abort":
			panic(http.ErrAbortHandler)
		default:
			tell(w, r)
		}
	}))
	s := start(t, up.URL)
	c := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	var clients sync.WaitGroup
	for i := range 40 {
		clients.Go(func() {
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			for _, path := range []string{"/auth/v1/x", "/functions/v1/abort", "/functions/v1/early", "/functions/v1/hang"} {
				r, err := http.NewRequestWithContext(ctx, "POST", s.URL+path, bytes.NewReader(make([]byte, i*10_000)))
				if err != nil {
					t.Error(err)
					return
				}
				res, err := c.Do(r)
				if err != nil {
					continue
				}
				io.ReadFull(res.Body, make([]byte, 5))
				if path == "/functions/v1/hang" {
					leave()
				}
				res.Body.Close()
			}
			socket, _, err := websocket.Dial(t.Context(), s.URL+"/realtime/v1/websocket", nil)
			if err != nil {
				t.Error(err)
				return
			}
			says(t, socket, websocket.MessageText, []byte("here"))
			switch i % 3 {
			case 0:
				socket.Close(websocket.StatusNormalClosure, "")
			case 1:
				socket.CloseNow()
			default: // the shutdown ends it
				t.Cleanup(func() { socket.CloseNow() })
			}
		})
	}
	clients.Wait()
	s.stop()
	c.CloseIdleConnections()
	up.CloseClientConnections()
	up.Close()
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		<-time.After(5 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines more:\n%s", n-before, stacks[:runtime.Stack(stacks, true)])
	}
}
