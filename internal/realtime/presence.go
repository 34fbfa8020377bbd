package realtime

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// presence is one channel that says that it is here.
type presence struct {
	of   *channel
	body []byte // as sent
	meta []byte // body with its reference
}

// maxPresence is how much one channel may say of itself, in bytes.
const maxPresence = 10 << 10

// newPresence makes a presence of the payload of "track"; nil where it is no
// object, or too large.
func newPresence(c *channel, payload []byte) *presence {
	if len(payload) > maxPresence {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return nil
	}
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	fields["phx_ref"] = json.RawMessage(`"` + strings.ToLower(rand.Text()[:16]) + `"`)
	meta, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return &presence{of: c, body: bytes.Clone(payload), meta: meta}
}

// track makes c present, or present in another way. It reports false where the
// topic has no room.
func (h *hub) track(c *channel, p *presence, room int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[c.key()]
	if t == nil || c.k.channels[c.topic] != c {
		return true // it has left
	}
	before := c.present
	if before != nil && bytes.Equal(before.body, p.body) {
		return true
	}
	size := t.bytes + len(p.meta) + len(c.presenceKey)
	if before != nil {
		size -= len(before.meta) + len(c.presenceKey)
	}
	if size > room {
		return false
	}
	t.bytes, c.present = size, p
	list := slices.DeleteFunc(t.present[c.presenceKey], func(other *presence) bool { return other == before })
	t.present[c.presenceKey] = append(list, p)
	t.tell(c.presenceKey, p, before)
	return true
}

// leavePresence ends c's presence.
func (h *hub) leavePresence(c *channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[c.key()]; t != nil {
		h.untrack(t, c)
	}
}

// untrack is called under h.mu.
func (h *hub) untrack(t *topic, c *channel) {
	before := c.present
	if before == nil {
		return
	}
	c.present = nil
	t.bytes -= len(before.meta) + len(c.presenceKey)
	list := slices.DeleteFunc(t.present[c.presenceKey], func(other *presence) bool { return other == before })
	if len(list) == 0 {
		delete(t.present, c.presenceKey)
	} else {
		t.present[c.presenceKey] = list
	}
	t.tell(c.presenceKey, nil, before)
}

// tell sends a difference to all who want to know; joined or left may be nil.
func (t *topic) tell(key string, joined, left *presence) {
	payload := slices.Concat([]byte(`{"joins":`), byKey(key, joined), []byte(`,"leaves":`), byKey(key, left), []byte(`}`))
	for c := range t.members {
		if c.presence && (!c.private || c.seesPresence) {
			c.k.send(phoenix.Text(c.k.version, nil, nil, c.topic, "presence_diff", payload))
		}
	}
}

func byKey(key string, list ...*presence) []byte {
	if len(list) == 0 || list[0] == nil {
		return []byte(`{}`)
	}
	name, err := json.Marshal(key)
	if err != nil {
		return []byte(`{}`) // cannot be: any string can be written
	}
	b := slices.Concat([]byte(`{`), name, []byte(`:{"metas":[`))
	for i, p := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p.meta...)
	}
	return append(b, `]}}`...)
}

// sendPresence sends c all who are present.
func (h *hub) sendPresence(c *channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[c.key()]
	if t == nil {
		return
	}
	b := []byte(`{`)
	for key, list := range t.present {
		one := byKey(key, list...)
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, one[1:len(one)-1]...)
	}
	c.k.send(phoenix.Text(c.k.version, nil, nil, c.topic, "presence_state", append(b, '}')))
}
