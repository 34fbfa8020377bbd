package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest/exec"
)

// requestContext is the context of one request. It ends when the watcher says
// so: with the client, with the deadline, or with the server. It does the work that
// contexts of the standard library would do together, for a tenth of the cost,
// which counts where each request needs one and none of them ever ends early.
type requestContext struct {
	context.Context // the server's; only its values are used
	watch

	server *Server
	id     string    // for the log
	until  time.Time // zero: no deadline

	mu    sync.Mutex
	err   error
	ended chan struct{} // made when somebody asks for it
	after []*func()
	one   [1]*func() // room for after
}

var _ exec.AfterFuncer = (*requestContext)(nil)

// Deadline satisfies context.Context.
func (c *requestContext) Deadline() (time.Time, bool) { return c.until, !c.until.IsZero() }

// Value satisfies context.Context.
func (c *requestContext) Value(key any) any {
	if observe.IsRequestID(key) {
		return c.id
	}
	return c.Context.Value(key)
}

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
	if c.after == nil {
		c.after = c.one[:0]
	}
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

// release is for the end of the answer.
func (c *requestContext) release() {
	if c.server.watcher.remove(&c.watch) {
		c.server.log.LogAttrs(c, slog.LevelDebug, "client left before its answer")
	}
	c.cancelRequest()
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
