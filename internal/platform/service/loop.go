package service

import (
	"context"
	"sync"
	"sync/atomic"
)

// Loop is the life of background work: one function in one goroutine. A type
// that has Start(ctx) and Stop() keeps a Loop and passes both on. The zero Loop
// is ready for use, and all methods may be called from any goroutine, but Stop
// not from the function itself, for which it would wait.
type Loop struct {
	mu      sync.Mutex // held by Start and Stop, not by Done
	current atomic.Pointer[life]
}

// life is one run of the function.
type life struct {
	ended  func() bool // reports whether the context has
	cancel context.CancelFunc
	done   chan struct{}
}

// Start calls run in a goroutine of its own and returns at once. The context of
// run ends with ctx and with Stop; run must return soon after. A second call
// does nothing while run goes on; after Stop, or after the end of the former
// ctx, it starts anew, with no two runs at once. The error is always nil: it is
// there to be returned by services that may fail to start.
func (l *Loop) Start(ctx context.Context, run func(context.Context)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if former := l.current.Load(); former != nil {
		if former.goesOn() {
			return nil
		}
		<-former.done
	}
	ctx, cancel := context.WithCancel(ctx)
	now := &life{ended: func() bool { return ctx.Err() != nil }, cancel: cancel, done: make(chan struct{})}
	l.current.Store(now)
	go func() {
		defer close(now.done)
		defer cancel()
		run(ctx)
	}()
	return nil
}

// Stop ends the context of the function and waits until it has returned. It
// does nothing where nothing runs.
func (l *Loop) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.current.Load(); now != nil {
		now.cancel()
		<-now.done
	}
}

// Done is closed when the function has returned, and while none was started.
// It is for those who wait for an answer of the function, and do not want to
// wait for ever. A later Start makes another channel.
func (l *Loop) Done() <-chan struct{} {
	if now := l.current.Load(); now != nil {
		return now.done
	}
	closed := make(chan struct{})
	close(closed)
	return closed
}

// goesOn reports whether the function runs and was not stopped.
func (l *life) goesOn() bool {
	select {
	case <-l.done:
		return false
	default:
		return !l.ended()
	}
}
