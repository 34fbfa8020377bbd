package server

import (
	"context"
	"errors"
	"testing"
	"time"
)

type contextKey struct{}

func newRequestContext(until time.Time) *requestContext {
	return &requestContext{Context: context.WithValue(context.Background(), contextKey{}, "value"), until: until}
}

// TestRequestContextIsAContext: a context that the standard library derives from it
// ends with it.
func TestRequestContextIsAContext(t *testing.T) {
	t.Parallel()
	for _, reason := range []error{context.Canceled, context.DeadlineExceeded} {
		c := newRequestContext(time.Time{})
		if _, ok := c.Deadline(); ok || c.Err() != nil || c.Value(contextKey{}) != "value" {
			t.Errorf("a new one: %v", c.Err())
		}
		derived, cancel := context.WithTimeout(c, time.Hour)
		defer cancel()
		gone, leave := context.WithCancel(c)
		leave()
		ran := make(chan struct{})
		context.AfterFunc(c, func() { close(ran) })
		c.end(reason)
		c.end(errors.New("too late"))
		<-c.Done()
		<-derived.Done()
		<-ran
		if !errors.Is(c.Err(), reason) || !errors.Is(derived.Err(), reason) || !errors.Is(gone.Err(), context.Canceled) {
			t.Errorf("ended for %v: %v, derived %v", reason, c.Err(), derived.Err())
		}
		late := make(chan struct{})
		context.AfterFunc(c, func() { close(late) })
		<-late
	}
}

func TestRequestContextTakesFunctionsBack(t *testing.T) {
	t.Parallel()
	c := newRequestContext(time.Time{})
	ran := make(chan string, 3)
	stopFirst := c.AfterFunc(func() { ran <- "first" })
	stopSecond := c.AfterFunc(func() { ran <- "second" })
	if !stopFirst() || stopFirst() {
		t.Error("the first was to be taken back once")
	}
	c.cancelRequest()
	if got := <-ran; got != "second" || stopSecond() || len(ran) > 0 {
		t.Errorf("ran %q", got)
	}
	if stop := c.AfterFunc(func() { ran <- "third" }); <-ran != "third" || stop() {
		t.Error("one that comes too late was to run")
	}
}

// TestWatcherEndsRequests: requests end with their time, and with the server.
func TestWatcherEndsRequests(t *testing.T) {
	t.Parallel()
	w := newWatcher(func() { t.Error("no client left") })
	ctx, stop := context.WithCancel(t.Context())
	w.start(ctx)
	watched := func(until time.Time) *requestContext {
		c := newRequestContext(until)
		c.watch = watch{since: time.Now(), on: c}
		w.add(&c.watch)
		return c
	}
	patient := watched(time.Now().Add(time.Hour))
	hasty := watched(time.Now().Add(time.Millisecond))
	if <-hasty.Done(); !errors.Is(hasty.Err(), context.DeadlineExceeded) || patient.Err() != nil {
		t.Errorf("hasty: %v, patient: %v", hasty.Err(), patient.Err())
	}
	stop()
	if <-patient.Done(); !errors.Is(patient.Err(), context.Canceled) {
		t.Errorf("patient: %v", patient.Err())
	}
	w.done.Wait()
	if late := watched(time.Time{}); late.Err() == nil {
		t.Error("one that comes after the end goes on")
	}
}
