package server

import (
	"runtime/debug"
	"sync/atomic"
)

// smallBody is the size up to which a request has a share of the memory for
// bodies that large ones leave free, in bytes.
const smallBody = 64 << 10

// memory bounds the bytes that the bodies of all requests take together: while they are
// read, in the forms made of them, and while they are sent to the database. fasthttp
// makes room for a body as soon as its length is announced, which costs a
// client nothing.
type memory struct {
	limit int64 // bytes
	taken atomic.Int64
	spent atomic.Int64 // bytes that large bodies had, and nothing has collected
}

// BodyMemory returns how much memory bodies take, and may take, in bytes.
func (s *Server) BodyMemory() (taken, limit int64) { return s.bodies.taken.Load(), s.bodies.limit }

// forLarge is the part for large bodies: an eighth is left for small ones.
func (m *memory) forLarge() int64 { return m.limit - m.limit/8 }

// take reports whether n bytes were free for a request that then has total;
// if so they are taken.
func (m *memory) take(n, total int64) bool {
	limit := m.limit
	if total > smallBody {
		limit = m.forLarge()
	}
	if m.taken.Add(n) <= limit {
		return true
	}
	m.give(n)
	return false
}

func (m *memory) give(n int64) { m.taken.Add(-n) }

// enoughSpent is how much memory of large bodies may wait to be collected, in
// bytes. Go by itself lets garbage grow until there is as much of it as of
// memory in use, and keeps the pages it has collected for minutes.
const enoughSpent = 48 << 20

// giveSpent gives back the bytes of one request, which are spent.
func (m *memory) giveSpent(n int64) {
	m.give(n)
	m.spend(n)
}

// spend takes note of n bytes that nobody uses any more. Their last user waits while
// they are collected, so that no more come meanwhile.
func (m *memory) spend(n int64) {
	if n <= smallBody {
		return
	}
	if total := m.spent.Add(n); total > enoughSpent && m.spent.CompareAndSwap(total, 0) {
		debug.FreeOSMemory()
	}
}

// room is the size of the largest body that may be read now.
func (m *memory) room() int { return int(max(smallBody, m.forLarge()-m.taken.Load())) }
