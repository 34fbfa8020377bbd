package main

import (
	"context"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

// signals asks the sidecar to load everything again, once a second.
type signals struct{ *loop }

func (f *signals) begin(ctx context.Context, h *deployment) error {
	all := []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP}
	f.loop = startLoop(ctx, time.Second, func(_ context.Context, round int) error {
		return h.sidecar.signal(all[round%len(all)])
	})
	return nil
}

func (f *signals) end(context.Context, *deployment) error { return f.stop() }

// terminated is a deployment: the sidecar is stopped while requests are under
// way, and another one is started in its place.
type terminated struct{ failures []string }

func (f *terminated) begin(ctx context.Context, h *deployment) error {
	const naps = 5
	const nap = time.Second
	replies := make(chan reply, naps)
	for range naps {
		go func() { replies <- h.crowd.clients[0].napOnce(ctx, nap) }()
	}
	started, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	err := until(started, "requests are under way", func() bool {
		n, err := h.primary.number(started, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
		return err == nil && n == naps
	})
	if err != nil {
		return err
	}
	if err := h.sidecar.signal(syscall.SIGTERM); err != nil {
		return err
	}
	for range naps {
		if a := <-replies; a.err != nil || a.status != http.StatusOK {
			f.failures = append(f.failures, fmt.Sprintf("a request under way: %d %s %v", a.status, a.body, a.err))
		}
	}
	if err := h.sidecar.wait(); err != nil {
		f.failures = append(f.failures, fmt.Sprintf("it ended with %v", err))
	}
	return nil
}

// end is the start of the next one, not its being ready.
func (f *terminated) end(_ context.Context, h *deployment) error { return h.sidecar.launch() }

func (f *terminated) judge(context.Context, *deployment) []string { return f.failures }

// upstream restarts the project.
type upstream struct{}

func (upstream) begin(_ context.Context, h *deployment) error { return h.project.stop() }
func (upstream) end(_ context.Context, h *deployment) error   { return h.project.start() }
