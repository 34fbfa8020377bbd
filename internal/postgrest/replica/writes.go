package replica

import (
	"net/netip"
	"sync"
	"time"
)

// Client says whose reads are to see whose writes.
type Client struct {
	Name    string     // of its user, or of its key; "" = it has none but its address
	Address netip.Addr // where it asks from
}

// key is that under which writes of c are noted. One without a name has its address alone, which it
// may share with others: all of them read from the primary then, for a moment.
func (c Client) key() Client {
	if c.Name != "" {
		return Client{Name: c.Name}
	}
	return Client{Address: c.Address}
}

// writes are the times of the last writes. Those from before the longest lag are forgotten: a
// standby that is used is younger.
type writes struct {
	keep time.Duration

	mu          sync.RWMutex
	now, before map[Client]time.Duration // two halves, so that one can be dropped as a whole
	since       time.Duration            // when now was begun
	all         time.Duration            // a write of everybody: there was no room for one of somebody
}

// maxWriters bounds the memory for writes.
const maxWriters = 100_000

// note notes a write at a time, after it was answered.
func (w *writes) note(c Client, at time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn(at)
	if len(w.now) >= maxWriters {
		clear(w.now)
		w.before, w.all = nil, at
		return
	}
	if w.now == nil {
		w.now = map[Client]time.Duration{}
	}
	w.now[c.key()] = at
}

// turn drops what is too old to count. It is for holders of mu.
func (w *writes) turn(at time.Duration) {
	if at-w.since <= w.keep {
		return
	}
	w.before, w.now, w.since = w.now, nil, at
}

// last is the time of the last write of c, 0 without one. A client that has a
// name may have written before it had one: when it signed up.
func (w *writes) last(c Client) time.Duration {
	w.mu.RLock()
	defer w.mu.RUnlock()
	last := w.all
	if len(w.now)+len(w.before) == 0 {
		return last
	}
	for _, key := range [...]Client{c.key(), {Address: c.Address}} {
		last = max(last, w.now[key], w.before[key])
	}
	return last
}
