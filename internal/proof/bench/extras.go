package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Names of the figures that targets are stated for.
const (
	figureAlternate   = "two roles in turn, against each alone"
	figureDistance    = "1 ms away, 10 connections: times the same SQL in 4 round trips"
	figureTail        = "p99 / p50 at 70 % of peak"
	figureMemory      = "resident memory at 256 connections"
	figureStream      = "resident memory while a million rows stream as CSV"
	figureStreamSpeed = "rows/s of that stream"
	figureStart       = "from start to first answer"
)

// runExtras measures figures that are no comparison of one statement with itself.
func (b *bench) runExtras(ctx context.Context, r *report) error {
	fmt.Fprintln(os.Stdout)
	for _, extra := range []struct {
		name    string
		measure func(context.Context) ([]figure, error)
	}{
		{"alternate", b.alternate}, {"tail", b.tail}, {"distance", b.distance},
		{"memory", b.manyConnections}, {"stream", b.stream}, {"cold start", b.coldStart},
	} {
		if !b.only.MatchString(extra.name) {
			continue
		}
		figures, err := extra.measure(ctx)
		if err != nil {
			return err
		}
		for _, f := range figures {
			r.addFigure(os.Stdout, f)
		}
	}
	return nil
}

// rate is requests/s of a server in one window.
func (b *bench) rate(ctx context.Context, s *subject, conns int, requests ...request) (float64, error) {
	var r reading
	if err := b.serve(ctx, work{status: 200, requests: requests}, conns, s, &r); err != nil {
		return 0, err
	}
	return r.rates[0], nil
}

// alternate asks whether roles that take turns cost more than each alone: a
// statement that they share is planned again at each turn.
func (b *bench) alternate(ctx context.Context) ([]figure, error) {
	const notice = "bench_notice?select=*&id=eq.7"
	mine, theirs := get25(user, notice)[0], get25(anon, notice)[0]
	var ratios []float64
	for range b.rounds {
		one, err := b.rate(ctx, b.server, crowd, mine)
		if err != nil {
			return nil, err
		}
		both, err := b.rate(ctx, b.server, crowd, mine, theirs)
		if err != nil {
			return nil, err
		}
		other, err := b.rate(ctx, b.server, crowd, theirs)
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, both/(2/(1/one+1/other)))
	}
	return []figure{{figureAlternate, median(ratios), ""}}, nil
}

// Tails are those of a steady load, at a part of the peak.
const (
	tailLoad   = 0.7
	tailWindow = 5 * time.Second
)

// tail drives the server, and pgbench beside it, at 70 % of the most that each can do.
func (b *bench) tail(ctx context.Context) ([]figure, error) {
	peak, err := b.rate(ctx, b.server, crowd, rowByKey()...)
	if err != nil {
		return nil, err
	}
	y, err := b.client.do(order{
		Address: b.server.address, Conns: crowd, Status: 200, For: tailWindow, Rate: tailLoad * peak,
		Requests: [][]byte{rowByKey()[0].wire(b.server.address)},
	})
	if err != nil {
		return nil, err
	}
	ceiling, err := b.ceilingTail(ctx)
	if err != nil {
		return nil, err
	}
	l := y.Latency.latency()
	return []figure{
		{figureTail, l.tail(), ""},
		{"p50 at 70 % of peak", float64(l.P50) / 1000, "ms"},
		{"p99 at 70 % of peak", float64(l.P99) / 1000, "ms"},
		{"the ceiling's p99 / p50 at 70 % of its peak", ceiling.tail(), ""},
		{"the ceiling's p50 there", float64(ceiling.P50) / 1000, "ms"},
		{"the ceiling's p99 there", float64(ceiling.P99) / 1000, "ms"},
	}, ctx.Err()
}

// tail is how many times the median the slowest of a hundred takes.
func (l latency) tail() float64 { return float64(l.P99) / float64(max(l.P50, 1)) }

// ceilingTail asks pgbench for its peak, and then for a part of that.
func (b *bench) ceilingTail(ctx context.Context) (latency, error) {
	w := work{requests: rowByKey()}
	free, err := b.startTop(ctx, w, crowd)
	if err != nil {
		return latency{}, err
	}
	if err := errors.Join(b.runTop(ctx, free), free.finish()); err != nil {
		return latency{}, err
	}
	rate := strconv.FormatFloat(tailLoad*median(free.rates), 'f', 0, 64)
	steady, err := b.startTop(ctx, w, crowd, "--rate", rate)
	if err != nil {
		return latency{}, err
	}
	steady.window = tailWindow
	err = errors.Join(b.runTop(ctx, steady), steady.finish())
	return steady.histogram.latency(), err
}

// manyConnections reads the memory after a round of 256 connections.
func (b *bench) manyConnections(ctx context.Context) ([]figure, error) {
	if err := resetPeak(b.server.pid()); err != nil {
		return nil, fmt.Errorf("reset peak: %w", err)
	}
	if _, err := b.rate(ctx, b.server, 256, cases()[1].requests...); err != nil {
		return nil, err
	}
	return []figure{{figureMemory, mib(peakMemory(b.server.pid())), "MB"}}, nil
}

// stream reads the whole log table once.
func (b *bench) stream(ctx context.Context) ([]figure, error) {
	if err := resetPeak(b.server.pid()); err != nil {
		return nil, fmt.Errorf("reset peak: %w", err)
	}
	r := request{method: "GET", target: "/api_security_logs?select=*", as: server, accept: "text/csv"}
	y, err := b.client.do(order{Address: b.server.address, Conns: 1, Status: 200, Count: 1, Requests: [][]byte{r.wire(b.server.address)}})
	if err != nil {
		return nil, err
	}
	return []figure{
		{figureStream, mib(peakMemory(b.server.pid())), "MB"}, {figureStreamSpeed, float64(b.scale) / y.Took.Seconds(), "rows/s"},
		{"size of that stream", mib(y.Bytes), "MB"},
	}, ctx.Err()
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// coldStart starts further servers over the running database.
func (b *bench) coldStart(ctx context.Context) ([]figure, error) {
	var took []float64
	for range b.rounds {
		s, err := b.serveOver(ctx, "cold")
		if err != nil {
			return nil, err
		}
		took = append(took, float64(s.took.Microseconds())/1000)
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	return []figure{{figureStart, median(took), "ms"}}, nil
}
