package realtime

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// socket is one client's connection.
type socket struct {
	s       *Service
	ws      *websocket.Conn
	held    *gathered // below ws; nil: each frame is written by itself
	version phoenix.Version
	who     auth.Identity   // of the API key
	ctx     context.Context //nolint:containedctx // its life is the socket's
	cancel  context.CancelFunc
	heard   atomic.Int64 // nanoseconds since 1970

	channels map[string]*channel // by topic; guarded by hub.mu

	second, spent int64 // messages of this second; of the reading goroutine alone

	mu      sync.Mutex // guards what is below
	queue   []phoenix.Frame
	bytes   int
	writing bool
	closed  bool
	status  websocket.StatusCode
	reason  string
}

const (
	maxQueued    = 10_000           // frames that wait
	writeTimeout = 10 * time.Second // for a client to take one
)

// send puts a frame behind those that wait. It never blocks: a client that
// does not read what was sent is closed.
func (k *socket) send(f phoenix.Frame) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.putLocked(f) {
		k.wake()
	}
}

// put is send for many frames in a row: where it reports true, flush is to follow.
func (k *socket) put(f phoenix.Frame) (waits bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.putLocked(f) && !k.writing
}

// flush has written what was put.
func (k *socket) flush() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.queue) > 0 {
		k.wake()
	}
}

func (k *socket) putLocked(f phoenix.Frame) bool {
	if k.closed {
		return false
	}
	if k.bytes+len(f.Data) > k.s.o.Limits.Queue || len(k.queue) >= maxQueued {
		k.endLocked(closeSlow, "too slow: what waited has been dropped")
		return false
	}
	k.queue = append(k.queue, f)
	k.bytes += len(f.Data)
	return true
}

// end closes the socket behind the frame that is being written.
func (k *socket) end(status websocket.StatusCode, reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.endLocked(status, reason)
}

func (k *socket) endLocked(status websocket.StatusCode, reason string) {
	if k.closed {
		return
	}
	k.closed, k.status, k.reason, k.queue, k.bytes = true, status, reason, nil, 0
	k.wake()
}

// wake has the queue written. A goroutine is there only while there is
// something to write: most sockets wait.
func (k *socket) wake() {
	if !k.writing {
		k.writing = true
		go k.write()
	}
}

func (k *socket) write() {
	for {
		k.mu.Lock()
		frames, closed := k.queue, k.closed
		k.queue, k.bytes = nil, 0
		if len(frames) == 0 && !closed {
			k.writing = false
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
		if closed {
			_ = k.ws.Close(k.status, k.reason) // waits for the client's, for some seconds
			k.cancel()
			return
		}
		if k.writeAll(frames) != nil {
			k.end(closeSlow, "too slow")
			k.cancel()
		}
	}
}

// writeAll writes frames, as far as they fit with one call of the system.
func (k *socket) writeAll(frames []phoenix.Frame) error {
	ctx, cancel := context.WithTimeout(k.ctx, writeTimeout)
	defer cancel()
	if k.held != nil {
		k.held.hold()
	}
	for _, f := range frames {
		kind := websocket.MessageText
		if f.Binary {
			kind = websocket.MessageBinary
		}
		if err := k.ws.Write(ctx, kind, f.Data); err != nil {
			return err
		}
	}
	if k.held != nil {
		return k.held.release()
	}
	return nil
}

// joinPrice is how many messages a join counts for: the database is asked.
const joinPrice = 10

// spend takes a message off the limit of a second, and reports whether it was
// within.
func (k *socket) spend(m *phoenix.Message) bool {
	if now := time.Now().Unix(); now != k.second {
		k.second, k.spent = now, 0
	}
	k.spent++
	if m.Event == "phx_join" || m.Event == "access_token" {
		k.spent += joinPrice - 1
	}
	return k.spent <= int64(k.s.o.Limits.Messages)
}

// handle answers one message.
func (k *socket) handle(m *phoenix.Message) {
	switch {
	case m.Topic == "phoenix" && m.Event == "heartbeat":
		k.reply(m, "ok", `{}`)
		return
	case m.Event == "phx_join":
		k.join(m)
		return
	}
	c := k.s.hub.find(k, m.Topic)
	switch {
	case c == nil:
		k.reply(m, "error", `{"reason":"unmatched topic"}`)
	case m.JoinRef != nil && string(m.JoinRef) != string(c.joinRef):
		// It was sent before the topic was joined again.
	default:
		c.handle(m)
	}
}

func (k *socket) reply(m *phoenix.Message, status, response string) {
	k.send(phoenix.Reply(k.version, m.JoinRef, m.Ref, m.Topic, status, []byte(response)))
}
