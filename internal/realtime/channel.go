package realtime

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// channel is one topic that a socket has joined.
type channel struct {
	k       *socket
	topic   string // as clients name it: "realtime:" before name
	name    string
	joinRef json.RawMessage
	private bool

	ack, self   bool
	presence    bool // wants to know who is present
	presenceKey string

	// Guarded by hub.mu: read for others' messages.
	hears, seesPresence bool // of a private topic
	expires             int64
	present             *presence
	reader              auth.Identity // who, for others than the socket
	rights              string        // of the reader when the topic's policies were last asked; "" = not known

	// Of the socket's reading goroutine alone.
	token           string
	who             auth.Identity
	speaks, appears verdict // may broadcast, may be present

	// Guarded by changes.mu.
	subscriptions []*subscription
	dropped       bool

	ending  sync.Mutex
	stopEnd func() // of the session's watch; nil without one
	over    bool
}

// topicPrefix stands before the name of each topic.
const topicPrefix = "realtime:"

func (c *channel) key() topicKey { return topicKey{c.private, c.name} }

func (c *channel) push(event, payload string) {
	c.k.send(phoenix.Text(c.k.version, c.joinRef, nil, c.topic, event, []byte(payload)))
}

// system tells the channel about itself.
func (c *channel) system(extension, status, message string) {
	text, err := json.Marshal(map[string]string{"extension": extension, "status": status, "message": message, "channel": c.name})
	if err == nil {
		c.push("system", string(text))
	}
}

// shutDown says why, and ends the channel.
func (c *channel) shutDown(reason string) {
	if !c.k.s.hub.remove(c) {
		return
	}
	c.system("system", "error", reason)
	c.closed("phx_close")
}

// closed tells the client that the channel is: by "phx_close" for good, by
// "phx_error" to be joined again.
func (c *channel) closed(event string) {
	c.k.send(phoenix.Text(c.k.version, c.joinRef, c.joinRef, c.topic, event, []byte(`{}`)))
}

// watchSession shuts the channel down when its session ends.
func (c *channel) watchSession() {
	sessions := c.k.s.o.Sessions
	var stop func()
	if id := c.who.Session.ID; sessions != nil && id != "" {
		stop = sessions.OnEnd(id, func() { go c.shutDown("The session has ended") })
	}
	c.ending.Lock()
	stop, c.stopEnd = c.stopEnd, stop
	if c.over && c.stopEnd != nil { // it ended meanwhile
		defer c.stopEnd()
	}
	c.ending.Unlock()
	if stop != nil {
		stop()
	}
}

// release ends the channel's subscriptions and stops to watch its session. The
// hub calls it once.
func (c *channel) release() {
	c.k.s.changes.drop(c)
	c.ending.Lock()
	stop := c.stopEnd
	c.over, c.stopEnd = true, nil
	c.ending.Unlock()
	if stop != nil {
		stop()
	}
}

// handle answers a message to the channel.
func (c *channel) handle(m *phoenix.Message) {
	switch m.Event {
	case "phx_leave":
		c.k.s.hub.remove(c)
		c.k.reply(m, "ok", `{}`)
		c.closed("phx_close")
	case "access_token":
		c.refresh(m.Payload)
	case "broadcast":
		c.broadcast(m)
	case "presence":
		c.track(m)
	}
}

// refresh takes another token.
func (c *channel) refresh(payload []byte) {
	var in struct {
		Token *string `json:"access_token"`
	}
	if json.Unmarshal(payload, &in) != nil || in.Token == nil || *in.Token == c.token || strings.HasPrefix(*in.Token, "sb_") {
		return
	}
	if reason := c.believe(*in.Token); reason != "" {
		c.shutDown(reason)
		return
	}
	c.speaks, c.appears = verdict{}, verdict{}
	if c.private {
		if reason := c.admit(); reason != "" {
			c.shutDown("You no longer have permission to read from this Channel topic: " + c.name)
			return
		}
	}
	c.watchSession()
	c.k.s.changes.move(c)
}

// believe makes c the token's. It returns the fault of the token, "" for none.
func (c *channel) believe(token string) (reason string) {
	who, err := c.k.s.o.Auth.Authenticate(c.k.ctx, auth.Credentials{Authorization: "Bearer " + token})
	if err != nil {
		return err.Error()
	}
	c.token = token
	return c.adopt(who)
}

// adopt makes c run as who.
func (c *channel) adopt(who auth.Identity) (reason string) {
	if sessions := c.k.s.o.Sessions; sessions != nil && who.Session.ID != "" && sessions.Ended(who.Session.ID) {
		return "The session has ended"
	}
	c.who = who
	var claims struct {
		Expires json.Number `json:"exp"`
	}
	_ = json.Unmarshal(who.Claims, &claims) // a token without a time never ends
	at, err := claims.Expires.Int64()
	if f, ferr := claims.Expires.Float64(); err != nil && ferr == nil {
		at = int64(f)
	}
	h := &c.k.s.hub
	h.mu.Lock()
	c.expires, c.reader, c.rights = at, who, ""
	h.mu.Unlock()
	return ""
}

// track makes the channel present, or ends that.
func (c *channel) track(m *phoenix.Message) {
	var in struct {
		Event   string
		Payload json.RawMessage
	}
	if json.Unmarshal(m.Payload, &in) != nil {
		c.k.reply(m, "error", `{"reason":"Presence track payload must be a map"}`)
		return
	}
	switch strings.ToLower(in.Event) {
	case "track":
		if len(in.Payload) == 0 {
			in.Payload = []byte(`{}`)
		}
		p := newPresence(c, in.Payload)
		switch {
		case p == nil:
			c.k.reply(m, "error", `{"reason":"Presence track payload must be a map of 10 kB at most"}`)
		case !c.may(&c.appears, "presence"):
			c.k.reply(m, "error", `{"reason":"You do not have permissions to be present in this Channel topic"}`)
		case !c.k.s.hub.track(c, p, c.k.s.o.Limits.Presence):
			c.k.reply(m, "error", `{"reason":"Too many are present in this Channel topic"}`)
		default:
			c.k.reply(m, "ok", `{}`)
		}
	case "untrack":
		c.k.s.hub.leavePresence(c)
		c.k.reply(m, "ok", `{}`)
	default:
		c.k.reply(m, "error", `{"reason":"unknown presence event"}`)
	}
}
