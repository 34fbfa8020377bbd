package service

import "sync"

// Queue is a ring that grows up to a limit; past it the oldest go, and are counted. It
// is safe for concurrent use.
type Queue[T any] struct {
	mu      sync.Mutex
	rows    []T // its length is the capacity
	head, n int
	limit   int
	dropped int64
}

const firstCapacity = 1024

// NewQueue makes an empty one that grows up to limit.
func NewQueue[T any](limit int) *Queue[T] {
	return &Queue[T]{limit: limit, rows: make([]T, min(firstCapacity, limit))}
}

// Push adds r and returns how many rows wait now.
func (q *Queue[T]) Push(r T) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == len(q.rows) && q.n < q.limit {
		q.grow()
	}
	if q.n == len(q.rows) {
		q.rows[q.head] = r
		q.head = (q.head + 1) % len(q.rows)
		q.dropped++
		return q.n
	}
	q.rows[(q.head+q.n)%len(q.rows)] = r
	q.n++
	return q.n
}

func (q *Queue[T]) grow() {
	larger := make([]T, min(2*len(q.rows), q.limit))
	n := copy(larger, q.rows[q.head:])
	copy(larger[n:], q.rows[:q.head])
	q.rows, q.head = larger, 0
}

// Take moves up to most rows into batch, the oldest first.
func (q *Queue[T]) Take(batch []T, most int) []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	for range min(q.n, most) {
		batch = append(batch, q.rows[q.head])
		var none T
		q.rows[q.head] = none // its strings may go
		q.head = (q.head + 1) % len(q.rows)
		q.n--
	}
	return batch
}

// Stats returns how many wait, and how many were lost since the start.
func (q *Queue[T]) Stats() (waiting int, dropped int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n, q.dropped
}

// Drop counts rows that could not be kept elsewhere.
func (q *Queue[T]) Drop(n int) {
	q.mu.Lock()
	q.dropped += int64(n)
	q.mu.Unlock()
}

// All moves everything into batch.
func (q *Queue[T]) All(batch []T) []T { return q.Take(batch, q.limit) }
