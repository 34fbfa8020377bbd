package main

import (
	"context"
	"errors"
	"time"

	"github.com/romashka/sidecar/internal/proof/faultproxy"
)

// distance compares the server, 10 connections to a database 1 ms away, with
// the same statements sent one after the other over as many.
func (b *bench) distance(ctx context.Context) (_ []figure, err error) {
	const conns = 10
	path, err := faultproxy.Open(ctx, b.db.address())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, path.Close()) }()
	path.Delay(500 * time.Microsecond)
	far := path.Address()
	s, err := startSubject(ctx, subjectOptions{
		name: "distant", binary: b.binary, args: []string{"serve"}, db: b.db.through(far), folder: b.db.folder, env: []string{"PGRST_DB_POOL=10"},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	statements, err := b.ceiling.statements(rowByKey()[0])
	if err != nil {
		return nil, err
	}
	run, err := startPgbench(ctx, b.db, far, conns, []script{stepwise(0, statements)})
	if err != nil {
		return nil, err
	}
	t := &top{run: run, window: b.window}
	var rates []float64
	for range b.rounds {
		one, err := b.rate(ctx, s, crowd, rowByKey()...)
		if err != nil {
			return nil, err
		}
		rates = append(rates, one)
		if err := b.runTop(ctx, t); err != nil {
			return nil, err
		}
	}
	if err := t.finish(); err != nil {
		return nil, err
	}
	steps := median(t.rates)
	return []figure{
		{figureDistance, median(rates) / steps, "times"},
		{"requests/s 1 ms away", median(rates), ""}, {"4 round trips, transactions/s", steps, ""},
	}, nil
}
