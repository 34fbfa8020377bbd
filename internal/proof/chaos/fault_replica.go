package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// replicaKilled is the loss of a standby that reads go to. Nobody is to notice. The crowd
// reads its own writes all the time, from the primary, so a client that never
// writes asks beside it.
type replicaKilled struct {
	environ []string
	reader  *loop
	asked   atomic.Int64 // by the reader
	failed  []string     // its answers that were not good
}

// readerUser is a user that is none of the crowd's.
const readerUser = 1_000_000

// Series of the one replica.
const (
	replicaUsed = `romashka_replica_used{replica="1"}`
	replicaRead = `romashka_replica_requests_total{replica="1"}`
)

// prepare starts the sidecar anew, with the standby for reads.
func (f *replicaKilled) prepare(ctx context.Context, h *deployment) error {
	f.environ = h.sidecar.environ
	with := "ROMASHKA_DB_REPLICA_URIS=" + h.standby.through(h.standby.address(), apiLogin)
	if err := h.restart(ctx, append(slices.Clone(f.environ), with)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return until(ctx, "the replica is used", func() bool { return h.replicaIs(ctx, 1) })
}

func (f *replicaKilled) begin(ctx context.Context, h *deployment) error {
	c := newClient(readerUser, readerUser, h.sidecar.api, h.crowd.clients[0].keys, patience)
	f.reader = startLoop(ctx, time.Millisecond, func(ctx context.Context, _ int) error {
		a := c.send(ctx, &request{method: http.MethodGet, path: "/rest/v1/notes?select=id&limit=1"})
		if f.asked.Add(1); a.err != nil || a.status != http.StatusOK {
			f.failed = append(f.failed, fmt.Sprintf("a reader got %d %v %.200s", a.status, a.err, a.body))
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := until(ctx, "reads go to the replica", func() bool {
		figures, err := h.sidecar.figures(ctx, replicaRead)
		return err == nil && figures[replicaRead] > 0
	})
	if err != nil {
		return err
	}
	if err := h.standby.die(); err != nil {
		return err
	}
	return until(ctx, "it is left", func() bool { return h.replicaIs(ctx, 0) })
}

// end starts the standby again.
func (f *replicaKilled) end(ctx context.Context, h *deployment) error {
	if err := h.standby.start(ctx); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := until(waiting, "it is used again", func() bool { return h.replicaIs(waiting, 1) }); err != nil {
		return err
	}
	return f.reader.stop()
}

// judge names the answers that a reader was not to get.
func (f *replicaKilled) judge(context.Context, *deployment) []string {
	if f.asked.Load() == 0 {
		return []string{"nobody read"}
	}
	return f.failed
}

// undo starts the sidecar as it was.
func (f *replicaKilled) undo(ctx context.Context, h *deployment) error {
	if f.environ == nil {
		return nil
	}
	environ := f.environ
	f.environ = nil
	return h.restart(ctx, environ)
}

func (h *deployment) replicaIs(ctx context.Context, used float64) bool {
	figures, err := h.sidecar.figures(ctx, replicaUsed)
	return err == nil && figures[replicaUsed] == used
}

// restart starts the sidecar anew with other settings, while nobody asks.
func (h *deployment) restart(ctx context.Context, environ []string) error {
	h.crowd.dropIdle()
	if err := h.sidecar.stop(); err != nil {
		return errors.Join(errors.New("stop the sidecar"), err)
	}
	h.sidecar.environ = environ
	return h.sidecar.start(ctx)
}
