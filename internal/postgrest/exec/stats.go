package exec

import (
	"sync/atomic"
	"time"
)

// Stats tell how requests get their connections. Counts are since the start.
type Stats struct {
	Max, InUse, Idle int // connections

	Waiting  int           // requests in line for a connection
	Waits    int64         // requests that have stood in line
	Waited   time.Duration // all of them together
	Timeouts int64         // requests that got none in time

	Opened  int64         // connections
	Opening time.Duration // that requests waited for connections to be opened
}

// line counts those who wait at the gate.
type line struct {
	waiting, waits, waited, timeouts atomic.Int64
}

// enter counts a request in; leave counts it out.
func (l *line) enter() (leave func()) {
	since := time.Now()
	l.waiting.Add(1)
	return func() {
		l.waiting.Add(-1)
		l.waits.Add(1)
		l.waited.Add(int64(time.Since(since)))
	}
}

// timeout counts a request that gets no connection in time.
func (l *line) timeout() error {
	l.timeouts.Add(1)
	return errPoolTimeout
}

// Stats tells how the pool keeps up.
func (e *Executor) Stats() Stats {
	pool := e.pool.Stat()
	return Stats{
		Max: int(pool.MaxConns()), InUse: int(pool.AcquiredConns()), Idle: int(pool.IdleConns()),
		Waiting: int(e.line.waiting.Load()), Waits: e.line.waits.Load(), Waited: time.Duration(e.line.waited.Load()), Timeouts: e.line.timeouts.Load(),
		Opened: pool.NewConnsCount(), Opening: pool.EmptyAcquireWaitTime(),
	}
}
