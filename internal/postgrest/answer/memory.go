// Package answer holds the bodies of answers from the first row to the last
// byte sent: they grow by pieces, and all of them share one budget of memory.
//
// It never knows the content of an answer.
package answer

import (
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"
)

// LimitError is the error of an answer for which there is no memory.
type LimitError struct {
	TooLarge bool  // one answer takes more than one may; else all together do
	Limit    int64 // bytes
}

func (r *LimitError) Error() string {
	if r.TooLarge {
		return "the answer takes more than " + strconv.FormatInt(r.Limit, 10) + " bytes"
	}
	return "all answers together take more than " + strconv.FormatInt(r.Limit, 10) + " bytes"
}

// Memory is the budget of the answers of all requests: those that are made and
// those that wait for their clients. A nil one has no limits. It is safe for
// concurrent use.
type Memory struct {
	all, one int64 // bytes
	taken    atomic.Int64
	high     atomic.Bool // a large share was taken, and the process still holds the pages
	waiting  atomic.Bool // trim is about to be called

	tooLarge, noMemory atomic.Int64
}

// NewMemory returns a budget of all bytes, of which one answer may take one; 0
// is a quarter.
func NewMemory(all, one int64) *Memory {
	if one <= 0 {
		one = all / 4
	}
	return &Memory{all: all, one: min(one, all-all/spared)}
}

// spared is the part of the budget, as 1/spared, that is left to small answers:
// they are served while large ones have taken the rest.
const spared = 8

// Take reports whether n bytes were free; then they are taken. small is for
// answers of one piece.
func (m *Memory) Take(n int64, small bool) bool {
	if !m.reserve(n, small) {
		return false
	}
	m.noteHigh()
	return true
}

// reserve reports whether there was room: it is Take for a promise that may never be
// used.
func (m *Memory) reserve(n int64, small bool) bool {
	if m == nil {
		return true
	}
	limit := m.all
	if !small {
		limit -= m.all / spared
	}
	if m.taken.Add(n) <= limit {
		return true
	}
	m.taken.Add(-n)
	return false
}

// noteHigh notes that much is taken, where it is.
func (m *Memory) noteHigh() {
	if m != nil && m.taken.Load() > m.all/much && !m.high.Load() {
		m.high.Store(true)
	}
}

// Give gives n bytes back.
func (m *Memory) Give(n int64) {
	if m == nil || n == 0 {
		return
	}
	if m.taken.Add(-n) < m.all/little && m.high.Load() && m.waiting.CompareAndSwap(false, true) {
		time.AfterFunc(quiet, m.trim)
	}
}

// Of a burst of large answers little may be left behind: pieces that nobody
// needs go back to the system once much of the budget was taken, as parts of
// it, and little has been for some time.
const (
	much, little = 8, 32
	quiet        = 5 * time.Second
)

func (m *Memory) trim() {
	m.waiting.Store(false)
	if m.taken.Load() >= m.all/little {
		return // the holder that gives that back sees to it
	}
	m.high.Store(false)
	debug.FreeOSMemory() // a pool frees an object after two collections without use
	debug.FreeOSMemory()
}

// Scarce reports whether more than half of the budget is taken: a holder that
// does not make use of its part keeps it from others.
func (m *Memory) Scarce() bool { return m != nil && m.taken.Load() > m.all/2 }

// refuse counts a refusal, and returns it.
func (m *Memory) refuse(tooLarge bool) error {
	if tooLarge {
		m.tooLarge.Add(1)
		return &LimitError{TooLarge: true, Limit: m.one}
	}
	m.noMemory.Add(1)
	return &LimitError{Limit: m.all}
}

// Stats describe the use of the budget. Counts are since the start.
type Stats struct {
	Taken, Limit int64 // bytes
	TooLarge     int64 // answers that were refused for their own size
	NoMemory     int64 // answers that were refused for the size of all
}

// Stats returns the use of the budget.
func (m *Memory) Stats() Stats {
	if m == nil {
		return Stats{}
	}
	return Stats{Taken: m.taken.Load(), Limit: m.all, TooLarge: m.tooLarge.Load(), NoMemory: m.noMemory.Load()}
}
