package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

const (
	shortWait    = 5 * time.Second // for a request to begin, once half of all connections are taken
	refusalWait  = time.Second     // for the request of a connection that is refused
	refusalsMost = 256             // that are waited for at a time
	logEvery     = time.Minute
)

// gate counts connections, and refuses those beyond a limit: of all, and of the
// network of one client. A trusted proxy carries many clients and has no limit
// of its own.
type gate struct {
	most, mostEach int // connections; mostEach 0 = no limit
	trust          clientip.Trust
	log            *slog.Logger
	refusing       chan struct{} // one for each refused connection that still gets its answer

	mu        sync.Mutex
	open      int
	of        map[netip.Addr]int // by network
	refused   [limits]int64      // by the limit that refused them
	logged    [limits]int64
	loggedAt  time.Time
	hurriedAt time.Time
}

// limited is the limit that refuses a connection.
type limited int

const (
	byNothing limited = iota
	byAll
	byAddress
	limits // their number
)

func newGate(o Options) *gate {
	return &gate{
		most: min(o.Concurrency, openFiles()), mostEach: max(0, o.PerAddress), trust: o.TrustedProxies, log: o.Logger,
		refusing: make(chan struct{}, refusalsMost), of: map[netip.Addr]int{},
	}
}

// enter counts a connection in, under the network that is returned; zero when
// it counts among all alone. Refused ones are not in.
func (g *gate) enter(at netip.Addr) (network netip.Addr, refused limited) {
	counts := g.mostEach > 0 && !g.trust.Has(at)
	if counts {
		network = clientip.Network(at)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.open >= g.most:
		refused = byAll
	case counts && g.of[network] >= g.mostEach:
		refused = byAddress
	default:
		g.open++
		if counts {
			g.of[network]++
		}
		return network, byNothing
	}
	g.refused[refused]++
	g.logRefused(at)
	return netip.Addr{}, refused
}

// leave counts a connection out.
func (g *gate) leave(network netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if !network.IsValid() {
		return
	}
	if g.of[network]--; g.of[network] <= 0 {
		delete(g.of, network)
	}
}

// logRefused writes at most one line a minute. The lock is held.
func (g *gate) logRefused(last netip.Addr) {
	if time.Since(g.loggedAt) < logEvery {
		return
	}
	g.log.LogAttrs(context.Background(), slog.LevelWarn, "connections are refused: limits are romashka-max-connections and romashka-max-connections-ip",
		slog.Int("open", g.open), slog.Int64("beyond_all", g.refused[byAll]-g.logged[byAll]),
		slog.Int64("beyond_address", g.refused[byAddress]-g.logged[byAddress]), slog.String("last_address", last.String()))
	g.logged, g.loggedAt = g.refused, time.Now()
}

// tight reports whether half of all connections are taken.
func (g *gate) tight() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return 2*g.open >= g.most
}

// hurries reports whether those that wait since quieter times are to be hurried
// now; that is once a second at most.
func (g *gate) hurries(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if 2*g.open < g.most || now.Sub(g.hurriedAt) < time.Second {
		return false
	}
	g.hurriedAt = now
	return true
}

// Connections are counts of a server's connections.
type Connections struct {
	Open                        int
	RefusedOfAll, RefusedOfEach int64 // since the start
	Most                        int   // that may be open
}

// Connections returns how many clients are connected, and were refused.
func (s *Server) Connections() Connections {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	return Connections{
		Open: s.gate.open, Most: s.gate.most, RefusedOfAll: s.gate.refused[byAll], RefusedOfEach: s.gate.refused[byAddress],
	}
}

// Full reports whether new connections are refused.
func (s *Server) Full() bool {
	c := s.Connections()
	return c.Open >= c.Most
}

// turnAway answers a refused connection and closes it. The answer waits for the
// request for a moment: some clients take one that comes before for a fault.
func (l *listener) turnAway(nc net.Conn, why limited) {
	answer := l.gate.refusal(why)
	select {
	case l.gate.refusing <- struct{}{}:
	default: // too many to wait for
		say(nc, answer)
		nc.Close()
		return
	}
	waits := l.linger(func() {
		defer func() { <-l.gate.refusing }()
		defer nc.Close()
		readHead(nc)
		if say(nc, answer) {
			_, _ = io.CopyN(io.Discard, nc, lingerMaximum) // closing over unread data would take the answer back
		}
	})
	if !waits {
		<-l.gate.refusing
		nc.Close()
	}
}

// readHead reads until a head is whole.
func readHead(nc net.Conn) {
	head := make([]byte, 0, readAhead)
	if nc.SetDeadline(time.Now().Add(refusalWait)) != nil {
		return
	}
	for len(head) < cap(head) && !endsHead(head, 0) {
		n, err := nc.Read(head[len(head):cap(head)])
		if head = head[:len(head)+n]; err != nil {
			return
		}
	}
}

// say writes all there is to say, and reports whether the client may have it.
// A new connection has room for it.
func say(nc net.Conn, answer []byte) bool {
	if nc.SetDeadline(time.Now().Add(refusalWait)) != nil {
		return false
	}
	if _, err := nc.Write(answer); err != nil {
		return false
	}
	half, ok := nc.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}

// refusal is the whole answer.
func (g *gate) refusal(why limited) []byte {
	e := busy("The limit is "+strconv.Itoa(g.most)+" connections.", "romashka-max-connections")
	if why == byAddress {
		e = tooManyConnections(g.mostEach)
	}
	body := e.Body(apierr.Verbose)
	head := "HTTP/1.1 " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status) + "\r\nConnection: close\r\nRetry-After: 1\r\n" +
		"Access-Control-Allow-Origin: *\r\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n"
	for _, h := range e.Headers() {
		head += h.Name + ": " + h.Value + "\r\n"
	}
	return append([]byte(head+"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
}
