package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/sql"
)

// broadcast spreads a client's message to its topic.
func (c *channel) broadcast(m *phoenix.Message) {
	b := m.Broadcast
	if b == nil {
		var in struct {
			Event   string          `json:"event"`
			Payload json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(m.Payload, &in) != nil {
			c.k.refuse(m, "a broadcast has an event and a payload")
			return
		}
		b = &phoenix.Broadcast{Event: in.Event, Body: orEmpty(in.Payload)}
	}
	if !c.may(&c.speaks, "broadcast") {
		if c.ack {
			c.k.refuse(m, "You do not have permissions to write to this Channel topic: "+c.name)
		}
		return
	}
	from := c
	if c.self {
		from = nil
	}
	c.k.s.hub.say(c.key(), b, from)
	if c.ack {
		c.k.reply(m, "ok", `{}`)
	}
}

func orEmpty(payload json.RawMessage) []byte {
	if len(payload) == 0 {
		return []byte(`{}`)
	}
	return payload
}

// Paths of broadcasts over HTTP: many in one body, or one by its path.
const manyPath = "/api/broadcast"

func isBroadcastPath(path string) bool {
	_, _, one := onePath(path)
	return path == manyPath || one
}

// onePath reads /api/broadcast/{topic}/events/{event}.
func onePath(path string) (topic, event string, ok bool) {
	rest, ok := strings.CutPrefix(path, manyPath+"/")
	topic, event, found := strings.Cut(rest, "/events/")
	if !ok || !found || topic == "" || event == "" || strings.Contains(topic+event, "/") {
		return "", "", false
	}
	topic, err1 := url.PathUnescape(topic)
	event, err2 := url.PathUnescape(event)
	return topic, event, err1 == nil && err2 == nil
}

// posted is one broadcast over HTTP.
type posted struct {
	Topic   string          `json:"topic"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	Private bool            `json:"private"`
	binary  bool
}

const maxPosted = 100 // broadcasts of one request

// broadcastOverHTTP answers 202, whether or not somebody listens or the sender
// may be heard, as Supabase does.
func (s *Service) broadcastOverHTTP(ctx context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
	list, reason := s.readPosted(req)
	if reason != "" {
		return failed(http.StatusUnprocessableEntity, reason)
	}
	who := auth.Identity{Role: req.Role, Claims: req.Claims}
	allowed := map[string]bool{}
	for _, p := range list {
		if p.Private {
			ok, asked := allowed[p.Topic]
			if !asked {
				var err error
				if ok, err = s.mayWrite(ctx, who, p.Topic, "broadcast"); err != nil {
					s.log.LogAttrs(ctx, slog.LevelWarn, "policies of realtime.messages cannot be asked, and nothing is sent to private channels", slog.Any("err", err))
					return failed(http.StatusServiceUnavailable, "the policies of private channels cannot be asked")
				}
				allowed[p.Topic] = ok
			}
			if !ok {
				continue
			}
		}
		s.hub.say(topicKey{p.Private, p.Topic}, &phoenix.Broadcast{Event: p.Event, Body: p.Payload, Binary: p.binary}, nil)
	}
	return &postgrest.Response{Status: http.StatusAccepted}
}

func (s *Service) readPosted(req *postgrest.Request) (list []posted, reason string) {
	if topic, event, ok := onePath(req.Path); ok {
		query, err := url.ParseQuery(req.RawQuery)
		if err != nil {
			return nil, "the query cannot be read"
		}
		p := posted{Topic: topic, Event: event, Payload: req.Body, Private: query.Get("private") == "true"}
		for _, f := range req.Header {
			p.binary = p.binary || f.Name == "content-type" && strings.HasPrefix(f.Value, "application/octet-stream")
		}
		list = []posted{p}
	} else {
		var in struct {
			Messages []posted `json:"messages"`
		}
		if json.Unmarshal(req.Body, &in) != nil || len(in.Messages) == 0 {
			return nil, `the body must be {"messages":[{"topic":...,"event":...,"payload":...}]}`
		}
		list = in.Messages
	}
	if len(list) > maxPosted {
		return nil, "Too many messages to broadcast, please reduce the batch size"
	}
	for i := range list {
		p := &list[i]
		switch {
		case p.Topic == "" || p.Event == "" || len(p.Payload) == 0:
			return nil, "topic, event and payload can't be blank"
		case len(p.Topic) > phoenix.MaxName-len(topicPrefix) || len(p.Event) > phoenix.MaxName:
			return nil, "topic and event have at most 246 and 255 bytes"
		case len(p.Payload) > s.o.Limits.Frame:
			return nil, "Payload size exceeds limit"
		case !p.binary && !json.Valid(p.Payload):
			return nil, "the payload is no JSON"
		}
	}
	return list, ""
}

func failed(status int, reason string) *postgrest.Response {
	body, err := json.Marshal(map[string]string{"error": reason, "message": reason})
	if err != nil {
		body = []byte(`{}`) // cannot be: there are only texts
	}
	return &postgrest.Response{
		Status: status, Header: []postgrest.Field{{Name: "Content-Type", Value: "application/json; charset=utf-8"}}, Body: body,
	}
}

// broadcastFromSQL spreads rows that were written to realtime.messages.
func (s *Service) broadcastFromSQL(ctx context.Context, written []*source.Change) error {
	const longest = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	type message struct {
		id, topic, event string
		payload          *string
		private          bool
	}
	ids := make([]string, 0, len(written))
	for _, ch := range written {
		for i, column := range ch.Key {
			if column == "id" {
				ids = append(ids, ch.Values[i])
			}
		}
	}
	rows, err := s.o.Owner.Query(ctx, sql.RealtimeMessages, ids, s.o.Limits.Frame)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m message, err error) {
		return m, row.Scan(&m.id, &m.topic, &m.event, &m.payload, &m.private)
	})
	if err != nil {
		return err
	}
	byID := map[string]message{}
	for _, m := range list {
		byID[m.id] = m
	}
	for _, id := range ids {
		m, ok := byID[id]
		if !ok || m.payload == nil || len(m.event) > phoenix.MaxName {
			continue
		}
		s.hub.say(topicKey{m.private, m.topic}, &phoenix.Broadcast{
			Event: m.event, Body: []byte(*m.payload), Meta: []byte(`{"id":"` + m.id + `"}`),
		}, nil)
	}
	return nil
}
