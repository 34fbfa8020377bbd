// Package servicetest tries the life of services, for their tests: Stress starts and
// stops one, Eventually waits for its work, a Log takes its lines. It never looks
// at the work of a service.
package servicetest

import (
	"context"
	"sync"
	"testing"
	"time"
)

// Service is background work with a life of its own.
type Service interface {
	Start(ctx context.Context) error // returns at once; a second call does nothing
	Stop()                           // waits for the end; a second call does nothing
}

// longest is how long a stop may take before it counts as one that never ends.
const longest = 30 * time.Second

// Stress starts and stops the services of newService, in all orders and from several
// goroutines at once, with contexts that end before, while and after it runs.
// use, when not nil, is called beside them, as clients would: it may fail and
// must return. It fails the test when Start gives an error or something hangs;
// run under -race it finds data that is shared without a lock.
func Stress(t *testing.T, newService func() Service, use func(Service)) {
	t.Helper()
	const rounds = 20
	for range rounds {
		orders(t, newService())
		races(t, newService(), use)
	}
}

// orders are the calls that a careful owner makes, and those of a careless one.
func orders(t *testing.T, s Service) {
	t.Helper()
	ended, end := context.WithCancel(context.Background())
	end()
	within(t, s.Stop) // was never started
	begin(t, context.Background(), s)
	begin(t, context.Background(), s)
	within(t, s.Stop)
	within(t, s.Stop)
	begin(t, ended, s)
	begin(t, context.Background(), s)
	within(t, s.Stop)
	ctx, end := context.WithCancel(context.Background())
	begin(t, ctx, s)
	end()
	within(t, s.Stop)
}

// races are owners that do not know of each other.
func races(t *testing.T, s Service, use func(Service)) {
	t.Helper()
	const owners = 4
	var all sync.WaitGroup
	for range owners {
		ctx, end := context.WithCancel(context.Background())
		all.Go(func() { begin(t, ctx, s) })
		all.Go(end)
		all.Go(func() { begin(t, context.Background(), s) })
		all.Go(s.Stop)
		if use != nil {
			all.Go(func() { use(s) })
		}
	}
	within(t, all.Wait)
	within(t, s.Stop)
}

func begin(t *testing.T, ctx context.Context, s Service) { //nolint:revive // t stands first in helpers of tests
	t.Helper()
	if err := s.Start(ctx); err != nil {
		t.Errorf("start: %v", err)
	}
}

// within fails where act does not end.
func within(t *testing.T, act func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); act() }()
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		t.Fatalf("it has not ended after %s", longest)
	}
}
