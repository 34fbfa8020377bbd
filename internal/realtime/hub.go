package realtime

import (
	"sync"

	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// hub knows who is in which topic.
type hub struct {
	mu      sync.Mutex
	sockets map[*socket]struct{}
	topics  map[topicKey]*topic
}

// topicKey names a topic. Private ones and others of one name have nothing in
// common.
type topicKey struct {
	private bool
	name    string
}

type topic struct {
	members map[*channel]struct{}
	present map[string][]*presence // by key, in order of arrival
	bytes   int                    // of present
}

func (h *hub) init() {
	h.sockets, h.topics = map[*socket]struct{}{}, map[topicKey]*topic{}
}

func (h *hub) enter(k *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets[k] = struct{}{}
}

// leave takes a socket and its channels out.
func (h *hub) leave(k *socket) {
	h.mu.Lock()
	delete(h.sockets, k)
	channels := make([]*channel, 0, len(k.channels))
	for _, c := range k.channels {
		channels = append(channels, c)
	}
	h.mu.Unlock()
	for _, c := range channels {
		h.remove(c)
	}
}

func (h *hub) all() []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*socket, 0, len(h.sockets))
	for k := range h.sockets {
		list = append(list, k)
	}
	return list
}

// expired are the channels whose token has, at now in seconds since 1970.
func (h *hub) expired(now int64) (list []*channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.sockets {
		for _, c := range k.channels {
			if c.expires != 0 && c.expires <= now {
				list = append(list, c)
			}
		}
	}
	return list
}

func (h *hub) count() (n int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.sockets {
		n += int64(len(k.channels))
	}
	return n
}

// find is the channel of a socket that has joined the topic; nil without one.
func (h *hub) find(k *socket, name string) *channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	return k.channels[name]
}

// add puts a channel into its topic. It reports false where the socket has
// ended or has too many.
func (h *hub) add(c *channel, most int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, open := h.sockets[c.k]; !open || len(c.k.channels) >= most {
		return false
	}
	c.k.channels[c.topic] = c
	t := h.topics[c.key()]
	if t == nil {
		t = &topic{members: map[*channel]struct{}{}, present: map[string][]*presence{}}
		h.topics[c.key()] = t
	}
	t.members[c] = struct{}{}
	return true
}

// remove takes a channel out of its topic, with all that it began. It reports
// whether it was there.
func (h *hub) remove(c *channel) bool {
	h.mu.Lock()
	t := h.topics[c.key()]
	if t == nil || c.k.channels[c.topic] != c {
		h.mu.Unlock()
		return false
	}
	delete(c.k.channels, c.topic)
	delete(t.members, c)
	h.untrack(t, c)
	if len(t.members) == 0 {
		delete(h.topics, c.key())
	}
	h.mu.Unlock()
	c.release()
	return true
}

// say sends a broadcast to a topic, but not to the channel from.
func (h *hub) say(key topicKey, b *phoenix.Broadcast, from *channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[key]
	if t == nil {
		return
	}
	var made [3]*phoenix.Frame // by version; the topic is the same for all
	for c := range t.members {
		if c == from || c.private && !c.hears {
			continue
		}
		v := c.k.version
		if made[v] == nil {
			f, ok := b.Frame(v, c.topic)
			if !ok {
				continue
			}
			made[v] = &f
		}
		c.k.send(*made[v])
	}
}
