package server

import (
	"context"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/exec"
)

// requestContext is the context of one request. It ends when the watcher says
// so: with the client, with the deadline, or with the server. It does the work that
// contexts of the standard library would do together, for a tenth of the cost,
// which counts where each request needs one and none of them ever ends early.
type requestContext struct {
	context.Context // the server's; only its values are used
	watch

	until time.Time // zero: no deadline

	mu    sync.Mutex
	err   error
	ended chan struct{} // made when somebody asks for it
	after []*func()
}

var _ exec.AfterFuncer = (*requestContext)(nil)

// Deadline satisfies context.Context.
func (c *requestContext) Deadline() (time.Time, bool) { return c.until, !c.until.IsZero() }

// Done satisfies context.Context.
func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.ended = make(chan struct{})
		if c.err != nil {
			close(c.ended)
		}
	}
	return c.ended
}

// Err satisfies context.Context.
func (c *requestContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// AfterFunc is looked for by context.AfterFunc and derived contexts: f runs on
// a goroutine of its own once c has ended; stop takes it back and reports
// whether that was in time.
func (c *requestContext) AfterFunc(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		go f()
		return func() bool { return false }
	}
	own := &f
	c.after = append(c.after, own)
	return func() bool { return c.forget(own) }
}

func (c *requestContext) forget(f *func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.after {
		if other == f {
			c.after = append(c.after[:i], c.after[i+1:]...)
			return true
		}
	}
	return false
}

// end ends c for the reason err, unless it has ended.
func (c *requestContext) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.ended != nil {
		close(c.ended)
	}
	for _, f := range c.after {
		go (*f)()
	}
	c.after = nil
}

// cancelRequest ends c as context.CancelFunc does.
func (c *requestContext) cancelRequest() { c.end(context.Canceled) }

// expire ends c when its time is over, and reports whether it is.
func (c *requestContext) expire(now time.Time) bool {
	if c.until.IsZero() || now.Before(c.until) {
		return false
	}
	c.end(context.DeadlineExceeded)
	return true
}
