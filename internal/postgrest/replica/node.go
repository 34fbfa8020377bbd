package replica

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// node is a standby as it is known.
type node struct {
	Node
	number int
	set    *Set
	wake   chan struct{} // capacity 1: it is to be looked at now

	state   atomic.Int64 // a State
	known   atomic.Int64 // the time of its state; 0 = not known
	usable  atomic.Int64 // the same while it is used and not in doubt, else 0
	running atomic.Int64 // reads under way

	requests, repeated atomic.Int64
}

// has reports whether the standby is used and has all that was committed at a time.
func (n *node) has(at time.Duration) bool { return n.usable.Load() > int64(at) }

// doubt has it looked at before it is used again.
func (n *node) doubt() {
	n.usable.Store(0)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// answer is that of a standby.
type answer struct {
	origin
	recovers bool
	replayed int64
}

func (a *answer) read(row pgx.Row) error {
	return row.Scan(&a.system, &a.timeline, &a.database, &a.role, &a.recovers, &a.replayed)
}

// watch looks at the standby until ctx ends.
func (n *node) watch(ctx context.Context) {
	l := look{connect: n.Connect, statement: sql.Text(sql.Replica, "replica/standby.sql")}
	defer l.close()
	for {
		var a answer
		err := l.ask(ctx, a.read)
		if ctx.Err() != nil {
			return
		}
		n.judge(a, err)
		if !pause(ctx, n.set.every, n.wake) {
			return
		}
	}
}

// judge decides whether the standby is used until the next look.
func (n *node) judge(a answer, err error) {
	if err != nil {
		n.become(Away, err)
		n.Lines.cut()
		n.Reset()
		return
	}
	n.Lines.mend()
	of, failed := n.set.primary.origin()
	switch {
	case of == origin{} && failed == nil:
		return // the primary was not asked yet
	case of == origin{}:
		n.become(Behind, errors.Join(errPrimary, failed))
		return
	}
	if err := a.differs(of); err != nil {
		n.become(Away, err)
		return
	}
	at := n.set.primary.state(a.replayed)
	if at > 0 {
		n.known.Store(max(n.known.Load(), int64(at)))
	}
	// It comes back with some of the bound to spare, so as not to come and go.
	bound := n.set.o.MaxLag
	if State(n.state.Load()) != Used {
		bound = bound / 4 * 3
	}
	lag := n.set.now() - time.Duration(n.known.Load())
	switch {
	case lag <= bound:
		n.become(Used, nil)
		n.usable.Store(n.known.Load())
	case failed != nil:
		n.become(Behind, errors.Join(errPrimary, failed))
	default:
		n.become(Behind, fmt.Errorf("it is %s behind the primary, more than %s", lag.Round(time.Millisecond), bound))
	}
}

func (n *node) become(s State, why error) {
	if s != Used {
		n.usable.Store(0)
	}
	if State(n.state.Swap(int64(s))) != s {
		n.set.o.Tell(n.number, s, why)
	}
}

var (
	errPrimary  = errors.New("the primary does not say how far it is")
	errPromoted = errors.New("it is no standby (any more): it does not recover from a primary")
	errSystem   = errors.New("it is a copy of another database cluster than the primary")
	errDatabase = errors.New("it leads to another database than the primary's")
)

// differs returns the reason why a server cannot stand in for the one with origin of; nil
// where it can.
func (a *answer) differs(of origin) error {
	switch {
	case a.system != of.system:
		return errSystem
	case !a.recovers:
		return errPromoted
	case a.database != of.database:
		return errDatabase
	case a.role != of.role:
		return fmt.Errorf("it logs in as %s, and the primary as %s: the role decides what a request may do", a.role, of.role)
	case a.timeline != of.timeline:
		return fmt.Errorf("it is on timeline %d, and the primary on %d; after a failover that ends with its next restart point", a.timeline, of.timeline)
	}
	return nil
}
