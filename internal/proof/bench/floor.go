package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
)

// floor is the bare process as the bench sees it: the CPU time that HTTP and
// PostgreSQL's protocol cost in Go, with nothing between them.
type floor struct {
	subject *subject // of its HTTP side
	in      io.Closer
	orders  *gob.Encoder
	yields  *gob.Decoder
}

func startFloor(ctx context.Context) (*floor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, bareCommand)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	f := &floor{subject: &subject{name: bareCommand, cmd: cmd}, in: in, orders: gob.NewEncoder(in), yields: gob.NewDecoder(out)}
	if err := f.yields.Decode(&f.subject.address); err != nil {
		return nil, fmt.Errorf("the floor: %w", err)
	}
	return f, nil
}

func (f *floor) do(o bareOrder) (yield, error) {
	if err := f.orders.Encode(o); err != nil {
		return yield{}, fmt.Errorf("give order: %w", err)
	}
	var y yield
	if err := f.yields.Decode(&y); err != nil {
		return yield{}, fmt.Errorf("the floor: %w", err)
	}
	if y.Err != "" {
		return y, errors.New(y.Err)
	}
	return y, nil
}

func (f *floor) stop() error {
	f.in.Close()
	return f.subject.cmd.Wait()
}

// answerOf is what the server answers to the first request of a case.
func (b *bench) answerOf(ctx context.Context, w work) (*bareAnswer, error) {
	r := w.requests[0]
	req, err := http.NewRequestWithContext(ctx, r.method, "http://"+b.server.address+r.target, bytes.NewReader([]byte(r.body)))
	if err != nil {
		return nil, err
	}
	for _, h := range r.headers(b.server.address) {
		req.Header.Set(h[0], h[1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &bareAnswer{Status: res.StatusCode}
	if a.Body, err = io.ReadAll(res.Body); err != nil {
		return nil, err
	}
	for name, values := range res.Header {
		if name != "Content-Length" && name != "Date" { // the bare server writes these itself
			a.Header = append(a.Header, [2]string{name, values[0]})
		}
	}
	return a, nil
}

// floorSides are the rounds of the floor for a case.
func (b *bench) floorSides(ctx context.Context, w work, conns int, o *outcome) ([]func() error, error) {
	answer, err := b.answerOf(ctx, w)
	if err != nil {
		return nil, err
	}
	o.FloorHTTP = &reading{}
	sides := []func() error{func() error {
		if _, err := b.floor.do(bareOrder{Answer: answer}); err != nil {
			return err
		}
		return b.serve(ctx, w, conns, b.floor.subject, o.FloorHTTP)
	}}
	if w.bare {
		return sides, nil
	}
	scripts, err := b.bareScripts(w)
	if err != nil {
		return nil, err
	}
	o.FloorPostgres = &reading{}
	todo := bareOrder{Key: fmt.Sprint(w.name, conns), DB: b.db.url(apiLogin), Scripts: scripts, Conns: conns, For: w.measured(b.window)}
	return append(sides, func() error { return b.askBare(ctx, todo, o.FloorPostgres) }), nil
}

func (b *bench) bareScripts(w work) ([][]bareStatement, error) {
	scripts := make([][]bareStatement, len(w.requests))
	for i, r := range w.requests {
		statements, err := b.ceiling.statements(r)
		if err != nil {
			return nil, err
		}
		for _, s := range statements {
			one := bareStatement{SQL: s.SQL}
			for _, a := range s.Args {
				one.Args = append(one.Args, a.Value)
			}
			scripts[i] = append(scripts[i], one)
		}
	}
	return scripts, nil
}

// askBare is a round of the floor's side to PostgreSQL.
func (b *bench) askBare(ctx context.Context, o bareOrder, r *reading) error {
	window := o.For
	o.For = warmUp
	if _, err := b.floor.do(o); err != nil {
		return err
	}
	o.For = window
	before := usage{postgres: treeCPU(b.postgres), server: cpu(b.floor.subject.pid())}
	y, err := b.floor.do(o)
	if err != nil {
		return err
	}
	r.used.add(before, usage{postgres: treeCPU(b.postgres), server: cpu(b.floor.subject.pid())})
	r.rates = append(r.rates, float64(y.Requests)/y.Took.Seconds())
	r.Requests += y.Requests
	return ctx.Err()
}
