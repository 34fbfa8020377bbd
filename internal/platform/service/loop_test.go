package service_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// counted is a service that counts the calls of its function that run.
type counted struct {
	service.Loop
	running, most atomic.Int32
}

func (c *counted) Start(ctx context.Context) error {
	return c.Loop.Start(ctx, func(ctx context.Context) {
		if n := c.running.Add(1); n > c.most.Load() {
			c.most.Store(n)
		}
		<-ctx.Done()
		c.running.Add(-1)
	})
}

func TestLoopUnderStress(t *testing.T) {
	t.Parallel()
	var all []*counted
	servicetest.Stress(t, func() servicetest.Service {
		c := new(counted)
		all = append(all, c)
		return c
	}, func(s servicetest.Service) {
		_ = s.(*counted).Done()
	})
	for _, c := range all {
		if c.running.Load() != 0 || c.most.Load() != 1 {
			t.Errorf("%d run after the end, %d ran at once", c.running.Load(), c.most.Load())
		}
	}
}

// A loop that has come to its end by its context can be started again.
func TestLoopStartsAnew(t *testing.T) {
	t.Parallel()
	var l service.Loop
	ctx, end := context.WithCancel(t.Context())
	runs := make(chan context.Context, 10)
	run := func(ctx context.Context) { runs <- ctx; <-ctx.Done() }
	for range 2 {
		if err := l.Start(ctx, run); err != nil {
			t.Fatal(err)
		}
	}
	first := <-runs
	end()
	if err := l.Start(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if second := <-runs; first.Err() == nil || second.Err() != nil {
		t.Errorf("first %v, second %v", first.Err(), second.Err())
	}
	select {
	case <-l.Done():
		t.Error("it is done and runs")
	default:
	}
	l.Stop()
	<-l.Done()
	if len(runs) > 0 {
		t.Error("a double start ran twice")
	}
}

// A function may return by itself.
func TestLoopEndsByItself(t *testing.T) {
	t.Parallel()
	var l service.Loop
	<-l.Done() // none was started
	for range 2 {
		if err := l.Start(t.Context(), func(context.Context) {}); err != nil {
			t.Fatal(err)
		}
		<-l.Done()
	}
	l.Stop()
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := service.Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		cause := errors.New("enough")
		ctx, end := context.WithCancelCause(t.Context())
		end(cause)
		if err := service.Sleep(ctx, time.Hour); !errors.Is(err, cause) {
			t.Errorf("err = %v, want the cause", err)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := service.NewBackoff(100*time.Millisecond, time.Second, 0.5)
	for range 3 {
		for attempt, milliseconds := range []int{100, 200, 400, 800, 1000, 1000} {
			want := time.Duration(milliseconds) * time.Millisecond
			if got := b.Next(); got < want/2 || got > want*3/2 {
				t.Errorf("pause %d = %s, want half of %s to one and a half", attempt, got, want)
			}
		}
		b.Reset()
	}
	for range 100 {
		if got := service.Jitter(time.Minute, 0.1); got < 54*time.Second || got > 66*time.Second {
			t.Errorf("a minute, a tenth either way: %s", got)
		}
	}
}
