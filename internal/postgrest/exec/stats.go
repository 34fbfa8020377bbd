package exec

import "time"

// Stats describe how requests get their connections. Counts are since the start.
type Stats struct {
	Max, InUse, Idle int // connections

	Waiting  int           // requests in the queue for a connection
	Waits    int64         // requests that have waited there
	Waited   time.Duration // all of them together
	Timeouts int64         // requests that got none in time
	Shared   int64         // reads that were sent behind others instead

	Pooled bool // connections end at a pooler

	Opened  int64         // connections
	Opening time.Duration // that requests waited for connections to be opened
}

// Stats returns the state of the pool.
func (e *Executor) Stats() Stats {
	pool := e.pool.Stat()
	return Stats{
		Max: int(pool.MaxConns()), InUse: int(pool.AcquiredConns()), Idle: int(pool.IdleConns()),
		Waiting: int(e.queue.waiting.Load()), Waits: e.queue.waits.Load(), Waited: time.Duration(e.queue.waited.Load()), Timeouts: e.queue.timeouts.Load(), Shared: e.shared.count.Load(),
		Pooled: e.pooled.Load(), Opened: pool.NewConnsCount(), Opening: pool.EmptyAcquireWaitTime(),
	}
}
