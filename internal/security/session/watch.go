package session

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/event"
)

// Options are the settings of a Watch. URL, Hash and Logger are required.
type Options struct {
	URL    string // connection string of a role that may write romashka.sessions
	Logger *slog.Logger
	// Hash makes the value of security_sessions.session_token from a session's id: the
	// API log's hash, so that rows of both can be joined.
	Hash func(id string) string
	// Locate returns an address's place; nil: only a trusted proxy's header does.
	Locate func(netip.Addr) event.Place
	// Look is the longest time between two looks at the list of ended sessions,
	// which NOTIFY announces at once where that is possible; 3 s.
	Look time.Duration
	// Touch is how often a session's last activity is written at most; 1 min.
	Touch time.Duration
}

const (
	maxQueue   = 4096    // sightings that may wait; the next request of a session is as good
	maxTouched = 200_000 // sessions whose last writing is remembered
)

// Watch is given sessions as they are used and reports which have ended. It is a
// service, and safe for concurrent use.
type Watch struct {
	o     Options
	db    *service.Database
	log   *slog.Logger
	lists service.Loop
	notes service.Loop

	ended   atomic.Pointer[map[string]time.Time] // when; never changed
	changes chan struct{}                        // capacity 1: look at once

	mu      sync.Mutex // guards the fields below
	touched map[string]time.Time
	queue   []server.Sighting
	signs   []signOut
	fresh   chan struct{} // capacity 1: something waits
	enders  map[string]map[*ender]struct{}
}

// signOut is one that Supabase Auth has answered with success.
type signOut struct {
	session, subject, scope string
	at                      time.Time
}

// ender ends a stream that lasts as long as a session.
type ender struct{ end func() }

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Watch, error) {
	if o.Logger == nil || o.Hash == nil {
		return nil, errors.New("session: Logger and Hash are required")
	}
	o.Look, o.Touch = cmp.Or(o.Look, 3*time.Second), cmp.Or(o.Touch, time.Minute)
	db, err := service.New(service.Options{URI: o.URL, Setting: "romashka-db-background-uri", Name: "romashka sessions"})
	if err != nil {
		return nil, err
	}
	w := &Watch{
		o: o, db: db, log: o.Logger, changes: make(chan struct{}, 1), fresh: make(chan struct{}, 1),
		touched: map[string]time.Time{}, enders: map[string]map[*ender]struct{}{},
	}
	w.ended.Store(&map[string]time.Time{})
	return w, nil
}

// Start begins to follow the list and to write. A second call does nothing.
func (w *Watch) Start(ctx context.Context) error {
	if err := w.lists.Start(ctx, w.follow); err != nil {
		return err
	}
	return w.notes.Start(ctx, w.write)
}

// Stop writes the waiting rows, and ends.
func (w *Watch) Stop() {
	w.notes.Stop()
	w.lists.Stop()
}

// Ended reports whether the session has, as far as is known here.
func (w *Watch) Ended(id string) bool {
	_, ended := (*w.ended.Load())[id]
	return ended
}

// Known is the number of ended sessions whose tokens may still be good.
func (w *Watch) Known() int { return len(*w.ended.Load()) }

// OnEnd has end called once when the session ends, on a goroutine of the
// Watch's, until stop. It must not block.
func (w *Watch) OnEnd(id string, end func()) (stop func()) {
	e := &ender{end}
	w.mu.Lock()
	if w.enders[id] == nil {
		w.enders[id] = map[*ender]struct{}{}
	}
	w.enders[id][e] = struct{}{}
	w.mu.Unlock()
	if w.Ended(id) { // between the question and now
		end()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.enders[id], e)
		if len(w.enders[id]) == 0 {
			delete(w.enders, id)
		}
	}
}

// Seen notes a request of a session, at most once in Options.Touch.
func (w *Watch) Seen(s *server.Sighting) {
	id := s.Session.ID
	w.mu.Lock()
	if last, ok := w.touched[id]; ok && s.At.Sub(last) < w.o.Touch || len(w.queue) >= maxQueue {
		w.mu.Unlock()
		return
	}
	if !isUUID(id) || !isUUID(s.Subject) {
		w.mu.Unlock()
		return
	}
	if len(w.touched) >= maxTouched {
		clear(w.touched) // each is written once more, which does no harm
	}
	w.touched[id] = s.At
	w.queue = append(w.queue, *s)
	w.mu.Unlock()
	wake(w.fresh)
}

// SignedOut ends sessions as the user has asked Supabase Auth to.
func (w *Watch) SignedOut(s *server.Sighting, scope string) {
	if !isUUID(s.Session.ID) || !isUUID(s.Subject) {
		return
	}
	w.mu.Lock()
	if len(w.signs) < maxQueue {
		w.signs = append(w.signs, signOut{s.Session.ID, s.Subject, scope, s.At})
	}
	w.mu.Unlock()
	wake(w.fresh)
}

func isUUID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will be looked at already
	}
}
