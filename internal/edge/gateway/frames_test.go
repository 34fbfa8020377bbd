package gateway_test

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/romashka/sidecar/internal/edge/server"
)

// watching knows who follows which session, and which addresses are refused.
type watching struct {
	refused  atomic.Bool
	followed chan string
	end      map[string]func() // written before it is sent, read after it is received
}

func (w *watching) Ended(string) bool                               { return false }
func (w *watching) Seen(*server.Sighting)                           {}
func (w *watching) SignedOut(*server.Sighting, string)              {}
func (w *watching) Refused(netip.Addr) bool                         { return w.refused.Load() }
func (w *watching) Allowed(netip.Addr, string, string, string) bool { return false }
func (w *watching) OnEnd(id string, end func()) (stop func()) {
	w.end[id] = end
	w.followed <- id
	return func() {}
}

func tokenOf(session string) string {
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x","session_id":"`+session+`"}`)) + ".c2lnbg"
}

// An open WebSocket ends with the session whose token stands in its messages, and
// when its address is refused meanwhile.
func TestWebSocketIsCut(t *testing.T) {
	t.Parallel()
	up := upstream(t, echo)
	w := &watching{followed: make(chan string, 4), end: map[string]func(){}}
	s := start(t, up.URL, func(s *settings) { s.server.Sessions, s.server.Blocks = w, w })
	closed := func(c *websocket.Conn) {
		t.Helper()
		if _, _, err := c.Read(t.Context()); err == nil {
			t.Error("it is open still")
		}
	}

	c := dial(t, s, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover}) // which the gateway does not offer on
	says(t, c, websocket.MessageText, []byte(`{"topic":"realtime:a","event":"heartbeat","payload":{}}`))
	says(t, c, websocket.MessageBinary, noise(100_000))
	says(t, c, websocket.MessageText, []byte(`{"topic":"realtime:a","event":"phx_join","payload":{"config":{},"access_token":"`+tokenOf("one")+`"}}`))
	same(t, "followed", <-w.followed, "one")
	says(t, c, websocket.MessageText, []byte(`{"topic":"realtime:a","event":"access_token","payload":{"access_token": "`+tokenOf("two")+`"}}`))
	same(t, "followed", <-w.followed, "two")
	long := strings.Repeat("x", 70_000) // a message of several frames, and of more than is held
	says(t, c, websocket.MessageText, []byte(`["1","2","realtime:a","access_token",{"access_token":"`+tokenOf("three")+`","x":"`+long+`"}]`))
	same(t, "followed", <-w.followed, "three")
	w.end["three"]()
	closed(c)

	c = dial(t, s, nil)
	says(t, c, websocket.MessageText, []byte("here"))
	w.refused.Store(true)
	closed(c)
}
