package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// The tests are of the package itself: its front door needs the edge, a
// database and tokens, which internal/app's test brings.

// accounts believes tokens that name a time of expiry.
type accounts struct{}

func (accounts) Authenticate(_ context.Context, c auth.Credentials) (auth.Identity, error) {
	claims := strings.TrimPrefix(c.Authorization, "Bearer ")
	return auth.Identity{Role: "authenticated", Claims: []byte(claims)}, nil
}

// connected serves one socket without a database, and gives the client's end.
func connected(t *testing.T, s *Service) (*websocket.Conn, *socket) {
	t.Helper()
	made := make(chan *socket, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		k := &socket{s: s, ws: ws, version: phoenix.Arrays, who: auth.Identity{Role: "anon", Claims: []byte(`{"role":"anon"}`)}, channels: map[string]*channel{}}
		k.ctx, k.cancel = context.WithCancel(context.Background())
		s.hub.enter(k)
		defer s.hub.leave(k)
		made <- k
		k.read()
	}))
	t.Cleanup(web.Close)
	client, _, err := websocket.Dial(t.Context(), web.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.CloseNow() })
	client.SetReadLimit(1 << 24)
	return client, <-made
}

func quiet(limits Limits) *Service {
	limits.defaults()
	s := &Service{o: Options{Auth: accounts{}, Logger: slog.New(slog.DiscardHandler), Limits: limits}, log: slog.New(slog.DiscardHandler)}
	s.hub.init()
	s.changes.init(limits.Waiting)
	return s
}

func say(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear reads the next message of an event.
func hear(t *testing.T, ws *websocket.Conn, event string) json.RawMessage {
	t.Helper()
	for {
		_, frame, err := ws.Read(t.Context())
		if err != nil {
			t.Fatalf("waiting for %s: %v", event, err)
		}
		var parts []json.RawMessage
		if json.Unmarshal(frame, &parts) == nil && len(parts) == 5 && string(parts[3]) == `"`+event+`"` {
			return parts[4]
		}
	}
}

// A client that does not read gets an error and is closed, and clients that send
// to him are not held up.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	s := quiet(Limits{Queue: 64 << 10})
	ws, k := connected(t, s)
	say(t, ws, `["1","1","realtime:a","phx_join",{}]`)
	hear(t, ws, "phx_reply")
	b := &phoenix.Broadcast{Event: "e", Body: []byte(`"` + strings.Repeat("x", 60<<10) + `"`)}
	began := time.Now()
	for range 1000 { // 60 MB: more than sockets hold
		s.hub.say(topicKey{name: "a"}, b, nil)
	}
	if took := time.Since(began); took > writeTimeout/2 {
		t.Errorf("the speaker was held up for %s", took)
	}
	for {
		if _, _, err := ws.Read(t.Context()); err != nil {
			if websocket.CloseStatus(err) != closeSlow {
				t.Errorf("the client was told %v", err)
			}
			break
		}
	}
	<-k.ctx.Done()
}

// A token that is over ends its channel, and so does too much of anything.
func TestEndsAndLimits(t *testing.T) {
	t.Parallel()
	s := quiet(Limits{Channels: 2, Presence: 300})
	ws, _ := connected(t, s)
	say(t, ws, `["1","1","realtime:a","phx_join",{"access_token":"{\"exp\":1000.5}"}]`)
	if got := string(hear(t, ws, "phx_reply")); !strings.Contains(got, `"ok"`) {
		t.Fatal(got)
	}
	if list := s.hub.expired(999); len(list) != 0 {
		t.Error("it is over before its time")
	}
	for _, c := range s.hub.expired(1000) {
		c.shutDown("Token has expired")
	}
	if got := string(hear(t, ws, "system")); !strings.Contains(got, "Token has expired") {
		t.Error(got)
	}
	hear(t, ws, "phx_close")
	say(t, ws, `["1","2","realtime:a","broadcast",{"event":"x"}]`)
	if got := string(hear(t, ws, "phx_reply")); !strings.Contains(got, "unmatched topic") {
		t.Errorf("a channel that has ended answers %s", got)
	}
	for i, want := range []string{`"ok"`, `"ok"`, "Too many channels"} {
		topic := string(rune('b' + i))
		say(t, ws, `["3","3","realtime:`+topic+`","phx_join",{}]`)
		if got := string(hear(t, ws, "phx_reply")); !strings.Contains(got, want) {
			t.Errorf("join %d: %s, want %s", i, got, want)
		}
	}
	track := func(text string) string {
		say(t, ws, `["3","4","realtime:b","presence",{"event":"track","payload":`+text+`}]`)
		return string(hear(t, ws, "phx_reply"))
	}
	if got := track(`{"name":"a"}`); !strings.Contains(got, `"ok"`) {
		t.Error(got)
	}
	if got := track(`{"name":"` + strings.Repeat("x", 400) + `"}`); !strings.Contains(got, "Too many are present") {
		t.Error(got)
	}
	if got := track(`[1]`); !strings.Contains(got, "must be a map") {
		t.Error(got)
	}
}

// A client that sends what is no message, or too much, is told so.
func TestWrongFrames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		kind  websocket.MessageType
		frame string
		want  websocket.StatusCode
	}{
		{"no JSON", websocket.MessageText, "garbage", closeShape},
		{"deep JSON", websocket.MessageText, strings.Repeat("[", 20_000), closeShape},
		{"numbers", websocket.MessageText, "[1,2,3,4,5]", closeShape},
		{"nothing", websocket.MessageBinary, "", closeShape},
		{"wrong lengths", websocket.MessageBinary, "\x03\xff\xff\xff\xff\xff\x01\x00", closeShape},
		{"too many", websocket.MessageText, `["1","1","realtime:a","phx_join",{}]`, closeSlow}, // a join counts for ten
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ws, _ := connected(t, quiet(Limits{Messages: 5}))
			err := ws.Write(t.Context(), tt.kind, []byte(tt.frame))
			for err == nil {
				_, _, err = ws.Read(t.Context())
			}
			if websocket.CloseStatus(err) != tt.want {
				t.Errorf("the client was told %v", err)
			}
		})
	}
}
