package realtime

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

// Prefix is where clients look for Realtime.
const Prefix = "/realtime/v1"

// Authenticator decides whose a token is; auth.Authenticator satisfies it.
type Authenticator interface {
	Authenticate(ctx context.Context, c auth.Credentials) (auth.Identity, error)
}

// Sessions knows which sessions have ended; session.Watch satisfies it.
type Sessions interface {
	Ended(id string) bool
	OnEnd(id string, end func()) (stop func())
}

// Options are what a Service is made of. All are required but Sessions,
// SearchPath and those with a default beside them.
type Options struct {
	Auth     Authenticator
	Sessions Sessions // nil: sessions never end before their tokens
	Readers  *pgxpool.Pool
	Owner    *pgxpool.Pool // may write realtime.messages, and become any reader
	URL      string        // connection string of a role that may replicate, or do background work
	Setting  string        // where URL was given
	Logger   *slog.Logger

	Publication string // supabase_realtime
	SearchPath  string // of the API
	Limits      Limits
}

// Limits bound what clients can make large.
type Limits struct {
	Frame    int // bytes of a message of a client; 256 KiB
	Channels int // of one socket; 100
	Changes  int // subscriptions of one channel to changes; 100
	Messages int // of one socket in a second, joins counted ten times; 200
	Queue    int // bytes that wait for one client; 4 MiB
	Presence int // bytes that are present in one topic; 1 MiB
	Waiting  int // changes that wait to be checked; 100,000
	Sockets  int // 20,000
}

func (l *Limits) defaults() {
	l.Frame, l.Channels, l.Changes = cmp.Or(l.Frame, 256<<10), cmp.Or(l.Channels, 100), cmp.Or(l.Changes, 100)
	l.Messages, l.Queue, l.Presence = cmp.Or(l.Messages, 200), cmp.Or(l.Queue, 4<<20), cmp.Or(l.Presence, 1<<20)
	l.Waiting, l.Sockets = cmp.Or(l.Waiting, 100_000), cmp.Or(l.Sockets, 20_000)
}

// Service is Realtime. It is safe for concurrent use.
type Service struct {
	o        Options
	log      *slog.Logger
	checker  *visible.Checker
	follower *source.Follower
	hub      hub
	changes  changes
	sweeping service.Loop
	again    service.Loop
	deliver  service.Loop
	sockets  atomic.Int64
}

// messagesPublication is Supabase's for broadcasts from SQL.
const messagesPublication = "supabase_realtime_messages_publication"

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Service, error) {
	if o.Auth == nil || o.Readers == nil || o.Owner == nil || o.Logger == nil {
		return nil, errors.New("realtime: Auth, Readers, Owner and Logger are required")
	}
	o.Publication = cmp.Or(o.Publication, "supabase_realtime")
	o.Limits.defaults()
	s := &Service{o: o, log: o.Logger}
	s.hub.init()
	s.changes.init(o.Limits.Waiting)
	s.checker = visible.New(visible.Options{DB: o.Readers, Publication: o.Publication, SearchPath: o.SearchPath})
	var err error
	s.follower, err = source.New(source.Options{
		URL: o.URL, Setting: o.Setting, Publications: []string{o.Publication, messagesPublication}, Logger: o.Logger, Tell: s.changes.add, Wanted: s.changes.wanted,
	})
	return s, err
}

// Start begins to follow changes. A second call does nothing.
func (s *Service) Start(ctx context.Context) error {
	return errors.Join(s.deliver.Start(ctx, s.deliverAll), s.sweeping.Start(ctx, s.sweep), s.again.Start(ctx, s.lookAgain), s.follower.Start(ctx))
}

// Stop ends what Start began. Sockets end with the server.
func (s *Service) Stop() {
	s.follower.Stop()
	s.deliver.Stop()
	s.sweeping.Stop()
	s.again.Stop()
}

// Mounts are the places of Realtime on the API's port.
func (s *Service) Mounts() []server.Mount {
	return []server.Mount{
		{Prefix: Prefix, Class: "realtime", Passer: s, Match: func(method, path string, _ func(string) string) bool {
			return method == http.MethodGet && path == "/websocket"
		}},
		{Prefix: Prefix, Class: "realtime", Call: s.broadcastOverHTTP, Match: func(method, path string, _ func(string) string) bool {
			return method == http.MethodPost && isBroadcastPath(path)
		}},
	}
}

// sweep ends what is over by the clock: tokens, and sockets that are silent.
func (s *Service) sweep(ctx context.Context) {
	const pause, silent = time.Second, 90 * time.Second // clients have a heartbeat of 25 to 30 s
	var crowd crowd
	for service.Sleep(ctx, pause) == nil {
		now := time.Now()
		if crowd.settled(s.sockets.Load()) {
			debug.FreeOSMemory()
		}
		for _, k := range s.hub.all() {
			if now.Sub(time.Unix(0, k.heard.Load())) > silent {
				k.end(closeSilent, "no heartbeat")
			}
		}
		for _, c := range s.hub.expired(now.Unix()) {
			c.shutDown("Token has expired")
		}
	}
}

// crowd follows how many sockets there are.
type crowd struct{ last, rested int64 }

// settled reports whether many have come, and no more do. Their handshakes took
// several times what they hold from then on, which the garbage collector would keep for
// as long as they stay: sockets that wait give it nothing to do.
func (c *crowd) settled(now int64) bool {
	const many, few = 1000, 50 // sockets; few in a second
	came := now - c.last
	c.last, c.rested = now, min(now, c.rested)
	if now-c.rested < many || came > few {
		return false
	}
	c.rested = now
	return true
}

// Stats are counters for metrics.
type Stats struct{ Sockets, Channels, Waiting int64 }

// Stats counts.
func (s *Service) Stats() Stats {
	return Stats{Sockets: s.sockets.Load(), Channels: s.hub.count(), Waiting: s.changes.waiting()}
}
