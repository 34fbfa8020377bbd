package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
)

// reading is the cost of one side in its rounds.
type reading struct {
	PerSecond float64 `json:"per_second"` // median of the rounds
	latency
	PostgresCPU float64 `json:"postgres_cpu_us"` // per request, all rounds together
	ServerCPU   float64 `json:"server_cpu_us"`   // of pgbench: 0
	ClientCPU   float64 `json:"client_cpu_us"`
	Allocated   float64 `json:"allocated_bytes,omitempty"` // by the server, per request
	Memory      int64   `json:"memory_bytes,omitempty"`    // of the server, at most, so far
	Requests    int64   `json:"requests"`

	rates     []float64
	histogram histogram
	used      usage
}

// usage is CPU time, and bytes allocated.
type usage struct {
	postgres, server, client time.Duration
	allocated                float64
}

func (u *usage) add(before, after usage) {
	u.postgres += after.postgres - before.postgres
	u.server += after.server - before.server
	u.client += after.client - before.client
	u.allocated += after.allocated - before.allocated
}

// settle computes the reported figures from the collected ones.
func (r *reading) settle() {
	r.PerSecond = median(r.rates)
	r.latency = r.histogram.latency()
	n := float64(max(r.Requests, 1))
	r.PostgresCPU = float64(r.used.postgres.Microseconds()) / n
	r.ServerCPU = float64(r.used.server.Microseconds()) / n
	r.ClientCPU = float64(r.used.client.Microseconds()) / n
	r.Allocated = r.used.allocated / n
}

func (r *reading) totalCPU() float64 { return r.PostgresCPU + r.ServerCPU + r.ClientCPU }

// outcome is one case at one number of connections.
type outcome struct {
	Case        string   `json:"case"`
	Connections int      `json:"connections"`
	Server      *reading `json:"server"`
	Rival       *reading `json:"postgrest,omitempty"`
	Ceiling     *reading `json:"ceiling,omitempty"`
	// Ratio of the server's requests/s to the ceiling's: the median of the
	// rounds, each with its neighbour.
	Ratio float64 `json:"ratio,omitempty"`
	// CPURatio is the ceiling's CPU time per request, all processes together,
	// to the server's. On a machine that does nothing else both ratios agree;
	// on a shared one this is the steadier.
	CPURatio float64 `json:"cpu_ratio,omitempty"`
	// FloorHTTP is a bare HTTP server that gives the same answer, FloorPostgres a
	// bare loop that sends the same statements and copies the rows.
	FloorHTTP     *reading `json:"floor_http,omitempty"`
	FloorPostgres *reading `json:"floor_postgres,omitempty"`
	// OfFloor is the server's CPU time for a request in multiples of the floor's,
	// both sides of it together.
	OfFloor float64 `json:"of_floor,omitempty"`
}

// floorCPU is the floor's CPU time for a request, in µs.
func (o *outcome) floorCPU() (us float64) {
	for _, r := range []*reading{o.FloorHTTP, o.FloorPostgres} {
		if r != nil {
			us += r.ServerCPU
		}
	}
	return us
}

// bench is a run: everything that is started.
type bench struct {
	options
	db       *database
	postgres int // pid
	server   *subject
	rival    *subject // nil without one
	client   *client
	ceiling  *ceiling
	floor    *floor
}

// measure runs a case in rounds, the sides taking turns.
func (b *bench) measure(ctx context.Context, w work, conns, rounds int) (_ *outcome, err error) {
	o := &outcome{Case: w.name, Connections: conns, Server: &reading{}}
	sides := []func() error{func() error { return b.serve(ctx, w, conns, b.server, o.Server) }}
	if b.rival != nil {
		o.Rival = &reading{}
		sides = append(sides, func() error { return b.serve(ctx, w, conns, b.rival, o.Rival) })
	}
	var top *top
	if !w.bare {
		if top, err = b.startTop(ctx, w, conns); err != nil {
			return nil, err
		}
		o.Ceiling = &top.reading
		sides = append(sides, func() error { return b.runTop(ctx, top) })
	}
	floors, err := b.floorSides(ctx, w, conns, o)
	if err != nil {
		return nil, fmt.Errorf("%s, %d connections: %w", w.name, conns, err)
	}
	sides = append(sides, floors...)
	for i := range rounds {
		for j := range sides { // the first side alternates
			if err := sides[(i+j)%len(sides)](); err != nil {
				return nil, fmt.Errorf("%s, %d connections: %w", w.name, conns, err)
			}
		}
	}
	if top != nil {
		if err := top.finish(); err != nil {
			return nil, fmt.Errorf("%s, %d connections: %w", w.name, conns, err)
		}
	}
	o.Server.Memory = peakMemory(b.server.pid())
	o.settle()
	return o, b.db.run(ctx, w.undo)
}

func (o *outcome) settle() {
	o.Server.settle()
	for _, r := range []*reading{o.Rival, o.FloorHTTP, o.FloorPostgres} {
		if r != nil {
			r.settle()
		}
	}
	o.OfFloor = o.Server.ServerCPU / max(o.floorCPU(), 1)
	if o.Ceiling == nil {
		return
	}
	o.Ceiling.settle()
	var ratios []float64
	for i, rate := range o.Server.rates {
		ratios = append(ratios, rate/o.Ceiling.rates[i])
	}
	o.Ratio = median(ratios)
	o.CPURatio = o.Ceiling.totalCPU() / o.Server.totalCPU()
}

// warmUp lets connections and statements be made before a round counts.
const warmUp = 300 * time.Millisecond

// serve is a round of a server.
func (b *bench) serve(ctx context.Context, w work, conns int, s *subject, r *reading) error {
	todo := order{Address: s.address, Conns: conns, Status: w.status, For: warmUp}
	for _, request := range w.requests {
		todo.Requests = append(todo.Requests, request.wire(s.address))
	}
	if _, err := b.client.do(todo); err != nil {
		return err
	}
	todo.For = w.measured(b.window)
	before := b.usage(ctx, s)
	y, err := b.client.do(todo)
	if err != nil {
		return err
	}
	r.used.add(before, b.usage(ctx, s))
	r.rates = append(r.rates, float64(y.Requests)/y.Took.Seconds())
	r.Requests += y.Requests
	r.histogram.merge(y.Latency)
	return ctx.Err()
}

func (b *bench) usage(ctx context.Context, s *subject) usage {
	return usage{
		postgres: treeCPU(b.postgres), server: cpu(s.pid()), client: cpu(b.client.pid()), allocated: s.allocated(ctx),
	}
}

// top is the ceiling's side of a case.
type top struct {
	reading
	run     *pgbench
	window  time.Duration
	windows [][2]time.Time
}

func (b *bench) startTop(ctx context.Context, w work, conns int, more ...string) (*top, error) {
	scripts := make([]script, len(w.requests))
	for i, r := range w.requests {
		statements, err := b.ceiling.statements(r)
		if err != nil {
			return nil, err
		}
		scripts[i] = pipelined(i, statements)
	}
	run, err := startPgbench(ctx, b.db, b.db.address(), conns, scripts, more...)
	return &top{run: run, window: w.measured(b.window)}, err
}

// runTop lets pgbench run for one window.
func (b *bench) runTop(ctx context.Context, t *top) error {
	if err := t.run.proceed(); err != nil {
		return fmt.Errorf("go on with pgbench: %w", err)
	}
	if err := service.Sleep(ctx, warmUp); err != nil {
		return err
	}
	begin := time.Now()
	before := usage{postgres: treeCPU(b.postgres), client: cpu(t.run.pid())}
	if err := service.Sleep(ctx, t.window); err != nil {
		return err
	}
	t.used.add(before, usage{postgres: treeCPU(b.postgres), client: cpu(t.run.pid())})
	t.windows = append(t.windows, [2]time.Time{begin, time.Now()})
	return t.run.hold()
}

// finish counts the transactions that ended in each window. Latencies of transactions that
// began before it, when pgbench was still held, do not count.
func (t *top) finish() error {
	all, err := t.run.finish()
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b transaction) int { return a.end.Compare(b.end) })
	for _, w := range t.windows {
		n := 0
		for _, tx := range all {
			if tx.end.Before(w[0]) || tx.end.After(w[1]) {
				continue
			}
			n++
			if !tx.end.Add(-tx.took).Before(w[0]) {
				t.histogram.add(tx.took)
			}
		}
		t.rates = append(t.rates, float64(n)/w[1].Sub(w[0]).Seconds())
		t.Requests += int64(n)
	}
	return nil
}
