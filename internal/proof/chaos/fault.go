package main

import (
	"context"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
)

// fault is something that happens to servers.
type fault interface {
	begin(ctx context.Context, h *deployment) error
	end(ctx context.Context, h *deployment) error
}

// preparer is a fault that needs something first, while nobody asks.
type preparer interface {
	prepare(ctx context.Context, h *deployment) error
}

// undoer is a fault that leaves something to be undone while nobody asks, once.
type undoer interface {
	undo(ctx context.Context, h *deployment) error
}

// judged is a fault that promises more than all others do. Its judge returns
// the promises that are broken, once all is well again.
type judged interface {
	judge(ctx context.Context, h *deployment) []string
}

// scenario is a fault and how it is tried.
type scenario struct {
	name           string
	fault          fault
	lasts, briefly time.Duration
	honest         []string      // outcomes that may be, beside good ones
	last           bool          // in short form, growth is looked at after it
	deaf           time.Duration // how long notifications may stay unheard afterwards, beyond the promise
}

// Outcomes that state the truth of the fault. Read only.
var (
	// away: the database did not live to answer, or not in time. PGRST000 and
	// PGRST001 say that it is lost, PGRST002 that it never was there, PGRST003
	// that no connection became free, ROM504 that time was up.
	away = []string{"503 PGRST000", "503 PGRST001", "503 PGRST002", "504 PGRST003", "504 ROM504"}
	// gone: the sidecar itself is being exchanged. A connection may end between
	// two requests just as the next one is sent, as HTTP has it.
	gone = []string{outcomeRefused, outcomeCut, "503 PGRST002"}
	// upstreamAway: the project is.
	upstreamAway = []string{"502 ROM502"}
	// unknownKey: a token is signed with a key that the sidecar does not know.
	unknownKey = []string{"401 PGRST301"}
	// outOfTime: a token is of another time.
	outOfTime = []string{"401 PGRST303"}
)

// scenarios are all faults, in an order that lets each find everything intact.
func scenarios() []scenario {
	const moment, second = 500 * time.Millisecond, time.Second
	list := []scenario{
		{name: "none", fault: none{}, lasts: 10 * second, briefly: second},
		{name: "kill -9 PostgreSQL, start it again", fault: killed{}, lasts: 5 * second, briefly: moment, honest: away},
		{name: "SIGSTOP PostgreSQL", fault: frozen{}, lasts: 60 * second, briefly: 5500 * time.Millisecond, honest: away},
		{name: "network: 200 ms each way", fault: distant{each: 200 * time.Millisecond}, lasts: 10 * second, briefly: 2 * second},
		{name: "network: connections reset", fault: reset{}, lasts: 5 * second, briefly: moment, honest: away},
		{name: "network: packets vanish", fault: vanished{}, lasts: 30 * second, briefly: 5500 * time.Millisecond, honest: away},
		{name: "max_connections exhausted", fault: &crowded{}, lasts: 10 * second, briefly: 1500 * time.Millisecond, honest: away},
		{name: "pool full of slow queries", fault: &slow{}, lasts: 15 * second, briefly: 1500 * time.Millisecond, honest: away},
		{name: "readers that do not read", fault: &lazy{}, lasts: 15 * second, briefly: 6 * second},
		{name: "DDL under load", fault: &changing{}, lasts: 20 * second, briefly: 2 * second},
		{name: "restart of the upstream", fault: upstream{}, lasts: 5 * second, briefly: moment, honest: upstreamAway},
		{name: "key set: another key", fault: &otherKey{}, lasts: 12 * second, briefly: moment, honest: unknownKey},
		{name: "issuer's clock 20 s ahead", fault: clock{20 * second}, lasts: 3 * second, briefly: moment},
		{name: "issuer's clock 1 h ahead", fault: clock{time.Hour}, lasts: 3 * second, briefly: moment, honest: outOfTime},
		{name: "issuer's clock 1 h behind", fault: clock{-time.Hour}, lasts: 3 * second, briefly: moment, honest: outOfTime},
		{name: "secret: another one", fault: &otherSecret{}, lasts: 3 * second, briefly: moment, honest: unknownKey},
		{name: "SIGUSR1, SIGUSR2, SIGHUP in turn", fault: &signals{}, lasts: 15 * second, briefly: 3 * second},
		{name: "kill -9 a replica that reads go to", fault: &replicaKilled{}, lasts: 5 * second, briefly: second},
		{name: "fail over to a standby", fault: failover{}, lasts: 3 * second, briefly: moment, honest: away, last: true},
		{name: "SIGTERM under way, start again", fault: &terminated{}, lasts: second, briefly: moment, honest: gone},
	}
	if pooler() != "" { // before the sidecar is another: it goes on taking its connections for a pooler's
		list = slices.Insert(list, len(list)-1, scenario{name: "behind a pooler", fault: &pooled{}, lasts: 10 * second, briefly: 2 * second, deaf: 35 * second})
	}
	if fakeTime() != "" {
		list = append(list, scenario{name: "database's clock a day off", fault: &databaseClock{}, lasts: 10 * second, briefly: 2 * second})
	}
	return list
}

// none is calm: the figures without a fault.
type none struct{}

func (none) begin(context.Context, *deployment) error { return nil }
func (none) end(context.Context, *deployment) error   { return nil }

// loop does something again and again, beside a fault's time.
type loop struct {
	cancel context.CancelFunc
	ended  chan error
}

// startLoop calls step, each time some time after the last, until stop or an error.
func startLoop(ctx context.Context, each time.Duration, step func(ctx context.Context, round int) error) *loop {
	ctx, cancel := context.WithCancel(ctx)
	l := &loop{cancel: cancel, ended: make(chan error, 1)}
	go func() {
		for round := 0; ; round++ {
			if err := step(context.WithoutCancel(ctx), round); err != nil {
				l.ended <- err
				return
			}
			if service.Sleep(ctx, each) != nil {
				l.ended <- nil
				return
			}
		}
	}()
	return l
}

// stop returns after the last step, with its error.
func (l *loop) stop() error {
	l.cancel()
	return <-l.ended
}
