package replica

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/exec"
)

// Connect opens a connection for looks at a server. It bounds its own time.
type Connect func(ctx context.Context) (*pgx.Conn, error)

// Node is the way to one standby.
type Node struct {
	Executor *exec.Executor
	Lines    *Lines // the connections of the executor's pool
	Reset    func() // closes those that nobody uses
	Connect  Connect
}

// Options are the parts of a Set. Primary, Connect and Nodes are required.
type Options struct {
	Primary *exec.Executor
	Connect Connect // to the primary
	Nodes   []Node
	// MaxLag is how far behind the primary a standby may be; default 2 s.
	MaxLag time.Duration
	// Tell is called when a standby, counted from 0, gets another state. It must not block.
	Tell func(node int, s State, why error)
}

// State is that of a standby.
type State int

const (
	// Unknown was not looked at yet.
	Unknown State = iota
	// Used gets reads.
	Used
	// Behind lags more than it may, and gets none.
	Behind
	// Away does not answer, or is no standby of this primary, and gets none.
	Away
)

// Set is a primary with its standbys. It is safe for concurrent use.
type Set struct {
	o       Options
	every   time.Duration // between looks
	nodes   []*node
	primary pulse
	writes  writes
	turn    atomic.Uint64
	began   time.Time
	schema  atomic.Int64 // when the schema cache was loaded
}

// New returns a Set whose reads go to the primary until Run has looked at the standbys.
func New(o Options) (*Set, error) {
	if o.Primary == nil || o.Connect == nil || len(o.Nodes) == 0 {
		return nil, errors.New("replica: Primary, Connect and Nodes are required")
	}
	o.MaxLag = cmp.Or(o.MaxLag, 2*time.Second)
	if o.Tell == nil {
		o.Tell = func(int, State, error) {}
	}
	const often, seldom, share = 25 * time.Millisecond, 250 * time.Millisecond, 8
	s := &Set{o: o, every: min(max(o.MaxLag/share, often), seldom), began: time.Now()}
	s.writes.keep = o.MaxLag
	s.primary.keep = o.MaxLag
	for i, n := range o.Nodes {
		s.nodes = append(s.nodes, &node{Node: n, number: i, set: s, wake: make(chan struct{}, 1)})
	}
	return s, nil
}

// now is the time since the Set was made.
func (s *Set) now() time.Duration { return time.Since(s.began) }

// Run looks at the servers until ctx ends.
func (s *Set) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { s.primary.watch(ctx, s) })
	for _, n := range s.nodes {
		work.Go(func() { n.watch(ctx) })
	}
	work.Wait()
}

// Loaded notes that a schema cache was loaded: what it knows, standbys must have.
func (s *Set) Loaded() { s.schema.Store(int64(s.now())) }

// Wrote notes that a client's write was answered that did not go through a Runner.
func (s *Set) Wrote(c Client) { s.writes.note(c, s.now()) }

// choose returns the standby for a read of c, of those that may have it the one with the
// least to do, in turn; nil where none may.
func (s *Set) choose(c Client) *node {
	oldest := max(s.now()-s.o.MaxLag, s.writes.last(c), time.Duration(s.schema.Load()))
	var best *node
	first := s.turn.Add(1)
	for i := range s.nodes {
		n := s.nodes[(first+uint64(i))%uint64(len(s.nodes))]
		if n.has(oldest) && (best == nil || n.running.Load() < best.running.Load()) {
			best = n
		}
	}
	return best
}

// Stats are the figures of one standby. Counts are since the start.
type Stats struct {
	State    State
	Lag      time.Duration // 0 before it was first known
	Requests int64         // reads that were sent there
	Repeated int64         // of them, those that the primary had to answer
}

// Stats returns those of all standbys, in the order of Options.
func (s *Set) Stats() []Stats {
	list := make([]Stats, len(s.nodes))
	for i, n := range s.nodes {
		list[i] = Stats{State: State(n.state.Load()), Requests: n.requests.Load(), Repeated: n.repeated.Load()}
		if at := n.known.Load(); at > 0 {
			list[i].Lag = s.now() - time.Duration(at)
		}
	}
	return list
}
