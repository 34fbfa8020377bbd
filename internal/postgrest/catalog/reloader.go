package catalog

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Settings are the parts and intervals of a Reloader. Connect and Logger are required.
type Settings struct {
	// Connect connects as the role that serves requests, see Load.
	Connect Connect
	Channel string // to listen on (db-channel); "" = do not listen
	// Listen connects for notifications, which a pooler in transaction mode
	// would lose: it then returns an error that is ErrDeaf. Default: Connect.
	Listen  Connect
	Options Options
	Logger  *slog.Logger

	// Configure reads the settings that live in the database and returns the
	// Options to load with from now on. It is called during each load and on
	// "reload config". After an error the Options in force stay. nil = Options never change.
	Configure func(context.Context) (Options, error)
	// OnLoad is called with every new schema cache, after it is published. It must not block.
	OnLoad func(*schemacache.Cache)
	// OnFail is called with the error of every load that failed. It must not block.
	OnFail func(error)

	// Quiet is the least pause between two loads: a burst of requests leads
	// to one load at once and one after it. 0 = 100 ms.
	Quiet time.Duration
	// StaleInterval is the least time between two loads for NoticeStale; a
	// catalog that is slow to load gets more. 0 = 10 s.
	StaleInterval time.Duration
	// LookAgain is the time between two attempts to listen where no
	// notification arrives. 0 = 30 s.
	LookAgain time.Duration
}

// Reloader holds the current schema cache, and renews it while Run runs. All other
// methods are safe for concurrent use.
type Reloader struct {
	set     Settings
	cache   atomic.Pointer[schemacache.Cache]
	options Options // in force; of the loader goroutine alone
	fault   string  // told last, while it lasts; of the loader goroutine alone
	first   chan struct{}

	stats     atomic.Pointer[Stats] // written by the loader goroutine alone
	fresh     atomic.Bool           // the last load succeeded
	listening atomic.Bool
	deaf      atomic.Bool // no notification can arrive

	// Requests to the loader. One in waiting is enough, so that sending never blocks.
	wanted, stale, config chan struct{}
}

// NewReloader does no I/O.
func NewReloader(s Settings) (*Reloader, error) {
	if s.Connect == nil || s.Logger == nil {
		return nil, errors.New("catalog: Connect and Logger are required")
	}
	if s.Listen == nil {
		s.Listen = s.Connect
	}
	s.Quiet = cmp.Or(s.Quiet, 100*time.Millisecond)
	s.StaleInterval = cmp.Or(s.StaleInterval, 10*time.Second)
	s.LookAgain = cmp.Or(s.LookAgain, 30*time.Second)
	r := &Reloader{
		set:     s,
		options: s.Options,
		first:   make(chan struct{}),
		wanted:  make(chan struct{}, 1),
		stale:   make(chan struct{}, 1),
		config:  make(chan struct{}, 1),
	}
	r.stats.Store(&Stats{})
	return r, nil
}

// Stats describe the state of loading.
type Stats struct {
	Loads, Fails int64
	Took         time.Duration // the last load that succeeded
	At           time.Time     // its end; zero before the first
}

// Stats returns the state of loading.
func (r *Reloader) Stats() Stats { return *r.stats.Load() }

// Run loads and listens until ctx ends. It is called once at a time; it may be
// called again. The schema cache stays.
func (r *Reloader) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { r.load(ctx) })
	if r.set.Channel == "" {
		r.Reload()
	} else {
		work.Go(func() { r.listen(ctx) }) // asks for the first load, so that nothing is missed in between
	}
	work.Wait()
}

// Cache is the current schema cache; nil until the first is whole.
func (r *Reloader) Cache() *schemacache.Cache { return r.cache.Load() }

// Loaded reports whether the schema cache can be trusted: the last load succeeded
// and, where there is a channel that can be listened to, notifications of
// changes arrive. The engine may serve a schema cache that is not.
func (r *Reloader) Loaded() bool {
	return r.fresh.Load() && (r.set.Channel == "" || r.listening.Load() || r.deaf.Load())
}

// Wait returns when the first schema cache is whole, or with the error of ctx.
func (r *Reloader) Wait(ctx context.Context) error {
	select {
	case <-r.first:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Reload asks for a new schema cache and new settings.
func (r *Reloader) Reload() { ask(r.wanted) }

// ReloadConfig asks for new settings only.
func (r *Reloader) ReloadConfig() { ask(r.config) }

// NoticeStale asks for a new schema cache because a request met an object that the
// schema cache does not have, or has no more. Clients can cause that at will, so it
// is done at a bounded rate; a request that comes too early is kept.
func (r *Reloader) NoticeStale() { ask(r.stale) }

func ask(requests chan struct{}) {
	select {
	case requests <- struct{}{}:
	default: // one is waiting already
	}
}
