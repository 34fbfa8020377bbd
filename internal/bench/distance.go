package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// delay is a proxy that keeps each byte for a while, as a network would: it
// costs time, but no throughput.
type delay struct {
	net.Listener
	target string
	each   time.Duration // one way
}

func startDelay(ctx context.Context, target string, each time.Duration) (*delay, error) {
	var c net.ListenConfig
	ln, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	d := &delay{Listener: ln, target: target, each: each}
	go d.accept(ctx)
	return d, nil
}

// accept ends when the listener is closed; connections end with their peers.
func (d *delay) accept(ctx context.Context) {
	for {
		near, err := d.Accept()
		if err != nil {
			return
		}
		far, err := new(net.Dialer).DialContext(ctx, "tcp", d.target)
		if err != nil {
			near.Close()
			continue
		}
		go d.carry(near, far)
		go d.carry(far, near)
	}
}

// piece is what was read at once, and when it is due.
type piece struct {
	data []byte
	due  time.Time
}

// carry hands on what from says, later.
func (d *delay) carry(from, to net.Conn) {
	pieces := make(chan piece, 1024)
	go func() {
		defer close(pieces)
		for {
			buffer := make([]byte, 16<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				pieces <- piece{buffer[:n], time.Now().Add(d.each)}
			}
			if err != nil {
				return
			}
		}
	}()
	defer to.Close()
	for p := range pieces {
		time.Sleep(time.Until(p.due)) //nolint:forbidigo // the delay is the point
		if _, err := to.Write(p.data); err != nil {
			from.Close() // its reader ends, and with it the channel
			for range pieces {
			}
			return
		}
	}
}

// distance compares the server, 10 connections to a database 1 ms away, with
// the same statements sent one after the other over as many.
func (b *bench) distance(ctx context.Context) (_ []figure, err error) {
	const conns = 10
	proxy, err := startDelay(ctx, b.db.address(), 500*time.Microsecond)
	if err != nil {
		return nil, err
	}
	defer proxy.Close()
	far := proxy.Addr().String()
	s, err := startSubject(ctx, subjectOptions{
		name: "distant", binary: b.binary, args: []string{"serve"}, db: b.db.through(far), folder: b.db.folder, env: []string{"PGRST_DB_POOL=10"},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	statements, err := b.ceiling.statements(rowByKey(user)[0])
	if err != nil {
		return nil, err
	}
	run, err := startPgbench(ctx, b.db, far, conns, []script{stepwise(0, statements)})
	if err != nil {
		return nil, err
	}
	t := &top{run: run}
	var rates []float64
	for range b.rounds {
		one, err := b.rate(ctx, s, crowd, rowByKey(user)...)
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
