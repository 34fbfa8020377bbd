package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/platform/service"
)

// trial is one situation.
type trial struct {
	name           string
	o              options
	clients, users int
	rate           int // changes in a second
	filter         bool
	run            func(*house, context.Context, trial) error
}

func trials(o options) []trial {
	const crowd, users, fast, slow = 1000, 20, 500, 20
	return []trial{
		{"20 users", o, crowd, users, fast, true, (*house).told},
		{"20 users without a filter", o, crowd, users, fast, false, (*house).told},
		{"1,000 users", o, crowd, crowd, slow, true, (*house).told},
		{"1,000 users without a filter", o, crowd, crowd, slow, false, (*house).told},
		{"beside 20 who do not read", o, crowd, users, fast, true, (*house).besideTheDeaf},
		{"restart of PostgreSQL", o, crowd, users, 0, true, (*house).restarted},
		{"idle", o, o.idle, 0, 0, false, (*house).idle},
	}
}

// told writes changes, and notes when clients have them.
func (h *house) told(ctx context.Context, t trial) error {
	g, err := h.gatherUsers(ctx, t)
	if err != nil {
		return err
	}
	defer g.leave()
	return h.measure(ctx, t, g)
}

func (h *house) gatherUsers(ctx context.Context, t trial) (*crowd, error) {
	tokens := make([]string, t.users)
	for i := range tokens {
		tokens[i] = token("authenticated", userID(i))
	}
	return h.gather(ctx, t.clients, func(i int) string {
		filter := ""
		if t.filter {
			filter = "owner=eq." + userID(i%t.users)
		}
		return joining(tokens[i%t.users], filter)
	}, func(i int) string { return userID(i % t.users) })
}

func (h *house) measure(ctx context.Context, t trial, g *crowd) error {
	const settle = 10 * time.Second // for what waits at the end
	f := figures{name: t.name, clients: t.clients, users: t.users}
	sidecar, base, load := cpu(h.sidecar.Process.Pid), treeCPU(h.postmaster()), cpu(os.Getpid())
	began := time.Now()
	n, err := h.write(ctx, t)
	if err != nil {
		return err
	}
	f.rate = float64(n) / time.Since(began).Seconds()
	f.due = n * t.clients / t.users
	for end := time.Now().Add(settle); time.Now().Before(end) && len(g.delays()) < f.due; {
		if err := service.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	f.sidecar, f.base, f.load = cpu(h.sidecar.Process.Pid)-sidecar, treeCPU(h.postmaster())-base, cpu(os.Getpid())-load
	f.delays = g.delays()
	f.told = len(f.delays)
	f.others, f.again = g.wrong()
	fmt.Fprintln(t.o.out, f.line())
	if f.others > 0 {
		return fmt.Errorf("%d rows came to clients who may not read them", f.others)
	}
	return nil
}

// write inserts rows at the trial's rate, each in a transaction of its own and for the
// next user. Of a writer that is late the next rows follow at once.
func (h *house) write(ctx context.Context, t trial) (n int, err error) {
	const writers = 4
	total := int64(float64(t.rate) * t.o.window.Seconds())
	var next atomic.Int64
	began := time.Now()
	body := strings.Repeat("a message of some length. ", 8)
	group, ctx := errgroup.WithContext(ctx)
	for range writers {
		group.Go(func() error {
			conn, err := pgx.Connect(ctx, h.url("postgres"))
			if err != nil {
				return fmt.Errorf("connect a writer: %w", err)
			}
			defer conn.Close(context.WithoutCancel(ctx))
			for i := next.Add(1) - 1; i < total; i = next.Add(1) - 1 {
				at := began.Add(time.Duration(i) * time.Second / time.Duration(t.rate))
				if err := service.Sleep(ctx, time.Until(at)); err != nil {
					return err
				}
				if err := insert(ctx, conn, userID(int(i)%t.users), body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return int(total), group.Wait()
}

func insert(ctx context.Context, conn *pgx.Conn, owner, body string) error {
	_, err := conn.Exec(ctx, "INSERT INTO public.load_rows (owner, sent, body) VALUES ($1::uuid, $2, $3)", owner, time.Now().UnixMicro(), body)
	return err
}

// besideTheDeaf is told while others take nothing of the large rows that are for them.
func (h *house) besideTheDeaf(ctx context.Context, t trial) error {
	const deaf, size, pause = 20, 200 << 10, 100 * time.Millisecond
	g, err := h.gatherUsers(ctx, t)
	if err != nil {
		return err
	}
	defer g.leave()
	other := userID(t.users)
	join := joining(token("authenticated", other), "owner=eq."+other)
	for range deaf {
		c, err := h.connect(ctx, join) // and nobody reads
		if err != nil {
			return err
		}
		defer func() { _ = c.ws.CloseNow() }()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := pgx.Connect(ctx, h.url("postgres"))
	if err != nil {
		return fmt.Errorf("connect a writer: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var writing sync.WaitGroup
	defer writing.Wait()
	defer cancel()
	writing.Go(func() {
		for body := strings.Repeat("x", size); service.Sleep(ctx, pause) == nil && insert(ctx, conn, other, body) == nil; {
		}
	})
	return h.measure(ctx, t, g)
}

// restarted restarts the database's server, and waits until everybody is told again.
func (h *house) restarted(ctx context.Context, t trial) error {
	const patience = time.Minute
	g, err := h.gatherUsers(ctx, t)
	if err != nil {
		return err
	}
	defer g.leave()
	began := time.Now()
	if err := h.server.Stop(ctx); err != nil {
		return err
	}
	if h.server, err = h.server.Restart(ctx); err != nil {
		return err
	}
	up := time.Now()
	joined, missed := 0, 0
	for time.Since(up) < patience && joined < t.clients {
		if err := service.Sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
		joined, missed = 0, 0
		for _, c := range g.clients {
			if c.missed.Load() {
				missed++
				if c.joined.Load() {
					joined++
				}
			}
		}
	}
	fmt.Fprintf(t.o.out, "\n%s: down for %d ms; %d of %d were told that changes were missed, %d have joined again after %d ms\n\n", t.name,
		up.Sub(began).Milliseconds(), missed, t.clients, joined, time.Since(up).Milliseconds())
	t.rate, t.o.window = 20, 5*time.Second
	return h.measure(ctx, t, g)
}

// idle measures the memory of clients that have joined a topic, and say nothing.
func (h *house) idle(ctx context.Context, t trial) error {
	const rest = 3 * time.Second
	before := memory(h.sidecar.Process.Pid)
	joins := []string{"", `["1","1","realtime:idle","phx_join",{"config":{"presence":{"enabled":false}}}]`}
	for _, join := range joins {
		ctx, cancel := context.WithCancel(ctx)
		g, err := h.gatherIdle(ctx, t.clients, join)
		if err == nil {
			err = service.Sleep(ctx, rest)
		}
		if err != nil {
			cancel()
			return err
		}
		after := memory(h.sidecar.Process.Pid)
		what := "connected"
		if join != "" {
			what = "in a topic"
		}
		fmt.Fprintf(t.o.out, "\nidle: %d clients %s take %.1f kB each (%d MB before, %d MB after; stacks of %.0f MB, heap of %.0f MB, in use %.0f MB)\n", t.clients, what,
			float64(after-before)/float64(t.clients)/1000, before>>20, after>>20,
			h.figure(ctx, "go_memstats_stack_inuse_bytes")/1e6, h.figure(ctx, "go_memstats_heap_sys_bytes")/1e6, h.figure(ctx, "go_memstats_heap_alloc_bytes")/1e6)
		g.leave()
		cancel()
	}
	return nil
}

// gatherIdle connects clients of which nobody reads: they are sent next to nothing.
func (h *house) gatherIdle(ctx context.Context, n int, join string) (*crowd, error) {
	const together = 16
	g := &crowd{clients: make([]*client, n)}
	group, connecting := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i := range n {
		group.Go(func() (err error) {
			g.clients[i], err = h.connect(connecting, join)
			return err
		})
	}
	return g, group.Wait()
}
