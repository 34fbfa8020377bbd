package realtime

import (
	"net"
	"sync"
)

// gathered is a connection whose writes can be held back, to be made as one.
type gathered struct {
	net.Conn

	mu      sync.Mutex // a frame of another goroutine may come between: an answer to a ping
	holding bool
	waiting []byte
}

// mostHeld is how much is held back at most, in bytes.
const mostHeld = 32 << 10

func (h *gathered) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holding = true
}

// release writes what was held back.
func (h *gathered) release() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holding = false
	return h.writeLocked()
}

func (h *gathered) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.holding {
		return h.Conn.Write(p)
	}
	if len(h.waiting)+len(p) > mostHeld {
		if err := h.writeLocked(); err != nil {
			return 0, err
		}
	}
	if len(p) > mostHeld {
		return h.Conn.Write(p)
	}
	h.waiting = append(h.waiting, p...)
	return len(p), nil
}

func (h *gathered) writeLocked() error {
	list := h.waiting
	h.waiting = nil // most sockets wait, and are to hold nothing meanwhile
	if len(list) == 0 {
		return nil
	}
	_, err := h.Conn.Write(list)
	return err
}
