package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// killed is the out-of-memory killer.
type killed struct{}

func (killed) begin(_ context.Context, h *deployment) error { return h.primary.die() }
func (killed) end(ctx context.Context, h *deployment) error { return h.primary.start(ctx) }

// frozen is a machine that swaps, or a virtual one that is being moved.
type frozen struct{}

func (frozen) begin(_ context.Context, h *deployment) error { return h.primary.signal(syscall.SIGSTOP) }
func (frozen) end(_ context.Context, h *deployment) error   { return h.primary.signal(syscall.SIGCONT) }

// failover is the loss of a server whose standby takes its place. The standby
// is synchronous: of an asynchronous one nobody could promise that it has all
// that was acknowledged.
type failover struct{}

func (failover) prepare(ctx context.Context, h *deployment) error {
	if err := h.primary.do(ctx, "ALTER SYSTEM SET synchronous_standby_names = '*'; "); err != nil {
		return err
	}
	if err := h.primary.do(ctx, "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return until(ctx, "the standby is synchronous", func() bool {
		n, err := h.primary.number(ctx, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
		return err == nil && n == 1
	})
}

func (failover) begin(_ context.Context, h *deployment) error { return h.primary.die() }

// end promotes the standby and leads the network to it, as an operator or a
// cluster manager does.
func (failover) end(ctx context.Context, h *deployment) error {
	if err := h.standby.do(ctx, "SELECT pg_promote()"); err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	old := h.primary
	h.primary, h.standby = h.standby, nil
	h.proxy.Lead(h.primary.address())
	return old.remove(ctx)
}

// changing adds and drops columns of tables that are being read and written.
type changing struct{ *loop }

func (f *changing) begin(ctx context.Context, h *deployment) error {
	const each = 200 * time.Millisecond
	steps := []string{
		"ALTER TABLE chaos.notes ADD COLUMN extra integer DEFAULT 1", "ALTER TABLE chaos.ledger ADD COLUMN at timestamptz DEFAULT now()",
		"ALTER TABLE chaos.notes DROP COLUMN extra", "ALTER TABLE chaos.ledger DROP COLUMN at",
	}
	f.loop = startLoop(ctx, each, func(ctx context.Context, round int) error {
		return h.primary.do(ctx, steps[round%len(steps)]+"; NOTIFY pgrst, 'reload schema'")
	})
	return nil
}

// end leaves the tables as they were.
func (f *changing) end(ctx context.Context, h *deployment) error {
	if err := f.stop(); err != nil {
		return err
	}
	return h.primary.do(ctx, `ALTER TABLE chaos.notes DROP COLUMN IF EXISTS extra;
		ALTER TABLE chaos.ledger DROP COLUMN IF EXISTS at; NOTIFY pgrst, 'reload schema'`)
}
