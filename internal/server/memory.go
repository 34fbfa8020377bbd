package server

import "sync/atomic"

// uncounted is the size of a body that is not worth counting, in bytes.
const uncounted = 64 << 10

// memory is what the bodies of all requests may take together while they are
// read and served. fasthttp makes room for a body as soon as its length is
// announced, which costs a client nothing.
type memory struct {
	limit int64 // bytes
	taken atomic.Int64
}

// take reports whether n bytes were free; then they are taken.
func (m *memory) take(n int64) bool {
	if m.taken.Add(n) <= m.limit {
		return true
	}
	m.give(n)
	return false
}

func (m *memory) give(n int64) { m.taken.Add(-n) }

// room is the size of the largest body that may be read now.
func (m *memory) room() int { return int(max(uncounted, m.limit-m.taken.Load())) }
