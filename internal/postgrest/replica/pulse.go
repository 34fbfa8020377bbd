package replica

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// origin is whose data a server has, and as whom one asks there.
type origin struct {
	system         int64
	timeline       int64
	database, role string
}

// sample is the primary's position at a time.
type sample struct {
	at      time.Duration // before it was asked for
	written int64         // bytes that the log has
	flushed int64         // of them, those that are on disk, and may be a standby's
}

// pulse follows the primary.
type pulse struct {
	keep time.Duration // how long samples are of use

	mu      sync.Mutex
	of      origin
	late    time.Duration // until what did not wait for the disk is there
	samples []sample      // the oldest first
	failed  error         // why there is no newer one
}

// watch takes samples until ctx ends.
func (p *pulse) watch(ctx context.Context, s *Set) {
	l := look{connect: s.o.Connect, statement: sql.Text(sql.Replica, "replica/primary.sql")}
	defer l.close()
	for {
		at := s.now()
		var o origin
		var next sample
		var delay time.Duration
		err := l.ask(ctx, func(row pgx.Row) (err error) {
			o, next, delay, err = askPrimary(row)
			return err
		})
		next.at = at
		p.take(o, next, delay, err)
		if !pause(ctx, s.every, nil) {
			return
		}
	}
}

// askPrimary reads the primary's answer; delay is its wal_writer_delay.
func askPrimary(row pgx.Row) (o origin, s sample, delay time.Duration, err error) {
	var milliseconds int64
	err = row.Scan(&o.system, &o.timeline, &o.database, &o.role, &s.written, &s.flushed, &milliseconds)
	return o, s, time.Duration(milliseconds) * time.Millisecond, err
}

func (p *pulse) take(o origin, next sample, delay time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed = err; err != nil {
		return
	}
	if p.of != o { // another server, or another time line: its positions mean something else
		p.of, p.samples = o, nil
	}
	const longest, slack = 3, 100 * time.Millisecond
	p.late = longest*delay + slack
	if n := len(p.samples); n > 0 && p.samples[n-1].written == next.written && p.samples[n-1].flushed == next.flushed {
		p.samples[n-1].at = next.at
		return
	}
	drop := 0
	for drop < len(p.samples) && p.samples[drop].at < next.at-p.keep-p.late {
		drop++
	}
	p.samples = append(p.samples[drop:], next)
}

// state is the last time of which a server that has replayed so far has all that
// was committed; 0 where none is known.
func (p *pulse) state(replayed int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last time.Duration
	for _, s := range p.samples {
		switch {
		case replayed >= s.written:
			last = max(last, s.at)
		case replayed >= s.flushed:
			last = max(last, s.at-p.late)
		}
	}
	return last
}

// origin returns whose positions the samples are, and why there may be no new ones.
func (p *pulse) origin() (origin, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of, p.failed
}
