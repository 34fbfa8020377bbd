package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"
)

// phoenix is as much of Supabase's realtime service as its client needs: join,
// heartbeat, broadcast, leave, and one change of a table for each client that
// asks.
type phoenix struct {
	heartbeats atomic.Int64

	mu      sync.Mutex
	members map[string][]*member // by topic
}

// member is one client of a topic.
type member struct {
	socket  *websocket.Conn
	arrays  bool // it speaks serializer 2.0.0
	joinRef any
}

// message is one message in either serialization: an object, or the array
// [join_ref, ref, topic, event, payload].
type message struct {
	JoinRef any             `json:"join_ref"`
	Ref     any             `json:"ref"`
	Topic   string          `json:"topic"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
}

func (m *message) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, &[]any{&m.JoinRef, &m.Ref, &m.Topic, &m.Event, &m.Payload})
	}
	type object message
	return json.Unmarshal(text, (*object)(m))
}

// readBroadcast reads the binary form that newer clients send broadcasts in: a
// kind, the lengths of five texts, an encoding, the texts, the payload.
func readBroadcast(frame []byte) (m message, err error) {
	const kind, texts, asJSON = 3, 5, 1
	if len(frame) < texts+2 || frame[0] != kind || frame[texts+1] != asJSON {
		return m, errors.New("not a broadcast with JSON")
	}
	rest := frame[texts+2:]
	var parts [texts]string // join ref, ref, topic, event, metadata
	for i := range parts {
		n := int(frame[1+i])
		if len(rest) < n {
			return m, io.ErrUnexpectedEOF
		}
		parts[i], rest = string(rest[:n]), rest[n:]
	}
	m = message{JoinRef: parts[0], Ref: parts[1], Topic: parts[2], Event: "broadcast"}
	m.Payload, err = json.Marshal(map[string]any{"type": "broadcast", "event": parts[3], "payload": json.RawMessage(rest)})
	return m, err
}

func read(kind websocket.MessageType, frame []byte) (m message, err error) {
	if kind == websocket.MessageBinary {
		return readBroadcast(frame)
	}
	return m, json.Unmarshal(frame, &m)
}

func (p *phoenix) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/realtime/v1/websocket" {
		fmt.Fprintf(w, `{"heartbeats":%d}`, p.heartbeats.Load())
		return
	}
	if r.URL.Query().Get("apikey") != "anon-key" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer socket.CloseNow()
	socket.SetReadLimit(1 << 20)
	me := &member{socket: socket, arrays: r.URL.Query().Get("vsn") == "2.0.0"}
	defer p.leave(me)
	for {
		kind, frame, err := socket.Read(r.Context())
		if err != nil {
			return
		}
		m, err := read(kind, frame)
		if err != nil || p.hear(r.Context(), me, m) != nil {
			return
		}
	}
}

// hear answers one message.
func (p *phoenix) hear(ctx context.Context, me *member, m message) error {
	switch m.Event {
	case "heartbeat":
		p.heartbeats.Add(1)
		return me.reply(ctx, m, `{}`)
	case "phx_join":
		return p.join(ctx, me, m)
	case "broadcast":
		if err := me.reply(ctx, m, `{}`); err != nil {
			return err
		}
		return p.spread(ctx, me, m)
	case "phx_leave":
		return errors.Join(me.reply(ctx, m, `{}`), me.send(ctx, message{JoinRef: m.JoinRef, Ref: m.JoinRef, Topic: m.Topic, Event: "phx_close", Payload: []byte(`{}`)}))
	default: // access_token wants no answer
		return nil
	}
}

func (p *phoenix) join(ctx context.Context, me *member, m message) error {
	var asked struct {
		Config struct {
			Changes []map[string]any `json:"postgres_changes"`
		} `json:"config"`
	}
	if err := json.Unmarshal(m.Payload, &asked); err != nil {
		return err
	}
	for i := range asked.Config.Changes {
		asked.Config.Changes[i]["id"] = i + 1
	}
	response, err := json.Marshal(map[string]any{"postgres_changes": asked.Config.Changes})
	if err != nil {
		return err
	}
	p.mu.Lock()
	if p.members == nil {
		p.members = map[string][]*member{}
	}
	p.members[m.Topic] = append(p.members[m.Topic], &member{me.socket, me.arrays, m.JoinRef})
	p.mu.Unlock()
	if err := me.reply(ctx, m, string(response)); err != nil || len(asked.Config.Changes) == 0 {
		return err
	}
	return me.send(ctx, message{JoinRef: m.JoinRef, Topic: m.Topic, Event: "postgres_changes", Payload: []byte(`{"ids":[1],"data":{
		"type":"INSERT","schema":"public","table":"messages","commit_timestamp":"2026-01-01T00:00:00Z","errors":null,
		"columns":[{"name":"id","type":"int4"},{"name":"body","type":"text"}],"record":{"id":7,"body":"hello"}}}`)})
}

// spread sends a broadcast to the other members.
func (p *phoenix) spread(ctx context.Context, me *member, m message) error {
	p.mu.Lock()
	others := slices.Clone(p.members[m.Topic])
	p.mu.Unlock()
	for _, other := range others {
		if other.socket == me.socket {
			continue
		}
		if err := other.send(ctx, message{Topic: m.Topic, Event: m.Event, Payload: m.Payload}); err != nil {
			return err
		}
	}
	return nil
}

func (p *phoenix) leave(me *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for topic, members := range p.members {
		p.members[topic] = slices.DeleteFunc(members, func(m *member) bool { return m.socket == me.socket })
	}
}

func (m *member) reply(ctx context.Context, to message, response string) error {
	return m.send(ctx, message{JoinRef: to.JoinRef, Ref: to.Ref, Topic: to.Topic, Event: "phx_reply", Payload: []byte(`{"status":"ok","response":` + response + `}`)})
}

func (m *member) send(ctx context.Context, what message) error {
	var v any = what
	if m.arrays {
		v = []any{what.JoinRef, what.Ref, what.Topic, what.Event, what.Payload}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return m.socket.Write(ctx, websocket.MessageText, text)
}

// project is the rest of the project that the client's test uses.
func project() http.Handler {
	var files sync.Map
	mux := http.NewServeMux()
	mux.Handle("/realtime/v1/", new(phoenix))
	mux.HandleFunc("POST /storage/v1/object/{name...}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		files.Store(r.PathValue("name"), body)
		fmt.Fprintf(w, `{"Id":"1","Key":%q}`, r.PathValue("name"))
	})
	mux.HandleFunc("GET /storage/v1/object/{name...}", func(w http.ResponseWriter, r *http.Request) {
		body, ok := files.Load(r.PathValue("name"))
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"statusCode":"404","error":"not_found","message":"Object not found"}`)
			return
		}
		w.Write(body.([]byte))
	})
	mux.HandleFunc("POST /functions/v1/hello", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Name string }
		json.NewDecoder(r.Body).Decode(&in)
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"hello": in.Name})
	})
	mux.HandleFunc("HEAD /rest/v1/conversations", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", "*/42")
	})
	return mux
}
