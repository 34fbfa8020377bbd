package catalog

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// load answers requests one at a time until ctx ends. That the schema cache may be
// stale waits for its time; other requests do not wait with it.
func (r *Reloader) load(ctx context.Context) {
	var (
		last loadTime
		due  <-chan time.Time // when to look at a stale schema cache; nil = none noticed
	)
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.config:
			if !r.configure(ctx) {
				continue
			}
		case <-r.stale:
			if due == nil {
				due = time.After(last.untilStale(r.set.StaleInterval))
			}
			continue
		case <-r.wanted:
		case <-due:
		}
		due = nil // whichever it was, the next schema cache is fresh
		last = r.loadUntilDone(ctx, last)
		if !pause(ctx, r.set.Quiet, nil) {
			return
		}
	}
}

// loadTime says when a load ended and how long it took.
type loadTime struct {
	ended time.Time
	took  time.Duration
}

// untilStale is how long a stale schema cache must wait: at least interval after
// the last load, and so long that no more than 5 % of the time goes into loads.
func (t loadTime) untilStale(interval time.Duration) time.Duration {
	const share = 20
	return time.Until(t.ended.Add(max(interval, share*t.took)))
}

// loadUntilDone loads, again and again if need be, and publishes the schema cache.
// last is the load before.
func (r *Reloader) loadUntilDone(ctx context.Context, last loadTime) loadTime {
	b := newBackoff()
	for {
		start := time.Now()
		cache, err := r.loadOnce(ctx, last.patience())
		took := time.Since(start)
		if err == nil {
			r.publish(ctx, cache, took)
			return loadTime{ended: time.Now(), took: took}
		}
		if ctx.Err() != nil {
			return loadTime{}
		}
		r.fresh.Store(false)
		r.count(func(s *Stats) { s.Fails++ })
		if r.set.OnFail != nil {
			r.set.OnFail(err)
		}
		delay := b.NextBackOff()
		r.logFailure(ctx, "schema cache not loaded", err, slog.Int64("retry_ms", delay.Milliseconds()))
		if !pause(ctx, delay, r.wanted) {
			return loadTime{}
		}
	}
}

// logFailure logs a failure, at level ERROR where it is not the one that was told
// last: a database that is away for an hour is one line, and another when it is
// back.
func (r *Reloader) logFailure(ctx context.Context, message string, err error, more ...slog.Attr) {
	level := slog.LevelError
	if text := err.Error(); text == r.fault {
		level = slog.LevelDebug
	} else {
		r.fault = text
	}
	r.set.Logger.LogAttrs(ctx, level, message, append([]slog.Attr{slog.Any("error", err)}, more...)...)
}

// patience is how long the next load may take: a server that has fallen silent
// is to be given up long before TCP does.
func (t loadTime) patience() time.Duration {
	const unknown, least, times = 2 * time.Minute, 10 * time.Second, 20
	if t.took == 0 {
		return unknown
	}
	return min(max(least, times*t.took), unknown)
}

// loadOnce loads, and reads the settings meanwhile: if they name other schemas
// it loads anew. It also reads settings that are asked for later: a secret that
// was exchanged does not wait for a load that hangs.
func (r *Reloader) loadOnce(ctx context.Context, patience time.Duration) (*schemacache.Cache, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	loading := r.begin(ctx)
	changed, unread := r.read(ctx)
	if changed {
		loading.end()
		loading = r.begin(ctx)
	}
	defer loading.end()
	for {
		select {
		case <-loading.done:
			if unread != nil && (loading.err == nil || loading.err.Error() != unread.Error()) { // else the load's failure says it
				r.logUnread(ctx, unread)
			}
			return loading.cache, loading.err
		case <-r.config:
			if r.configure(ctx) {
				r.Reload()
			}
		}
	}
}

// loading is a load under way.
type loading struct {
	cancel context.CancelFunc
	done   chan struct{}
	cache  *schemacache.Cache // when it is done, as is err
	err    error
}

// begin loads with the options in force.
func (r *Reloader) begin(ctx context.Context) *loading {
	l := &loading{done: make(chan struct{})}
	ctx, l.cancel = context.WithCancel(ctx)
	options := r.options
	go func() {
		defer close(l.done)
		l.cache, l.err = Load(ctx, r.set.Connect, options)
	}()
	return l
}

// end returns when nothing of the load is left.
func (l *loading) end() {
	l.cancel()
	<-l.done
}

// count changes the stats; readers see them before or after.
func (r *Reloader) count(change func(*Stats)) {
	next := *r.stats.Load()
	change(&next)
	r.stats.Store(&next)
}

func (r *Reloader) publish(ctx context.Context, cache *schemacache.Cache, took time.Duration) {
	r.cache.Store(cache)
	r.count(func(s *Stats) { s.Loads, s.Took, s.At = s.Loads+1, took, time.Now() })
	r.fresh.Store(true)
	select {
	case <-r.first:
	default:
		close(r.first) // the loader alone closes it
	}
	level := slog.LevelInfo
	if r.fault != "" {
		const always = slog.LevelError + 4 // whoever read of the failure reads of its end
		level, r.fault = always, ""
	}
	size := cache.Size()
	r.set.Logger.LogAttrs(ctx, level, "schema cache loaded",
		slog.Int64("dur_ms", took.Milliseconds()),
		slog.Int("relations", size.Tables),
		slog.Int("foreign_keys", size.ForeignKeys),
		slog.Int("routines", size.Routines),
		slog.Int("representations", size.Representations),
		slog.Int("media_handlers", size.Handlers))
	if r.set.OnLoad != nil {
		r.set.OnLoad(cache)
	}
}

// configure takes over new settings and reports whether they call for a load.
func (r *Reloader) configure(ctx context.Context) (changed bool) {
	changed, err := r.read(ctx)
	if err != nil {
		r.logUnread(ctx, err)
	}
	return changed
}

// read is configure without a word of a failure.
func (r *Reloader) read(ctx context.Context) (changed bool, err error) {
	if r.set.Configure == nil {
		return false, nil
	}
	options, err := r.set.Configure(ctx)
	if err != nil {
		return false, err
	}
	changed = !reflect.DeepEqual(options, r.options)
	r.options = options
	return changed, nil
}

func (r *Reloader) logUnread(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.logFailure(ctx, "settings not reloaded", err)
	}
}

// pause waits for d, or for something earlier, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration, earlier <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-earlier: // of nil, never
		return true
	case <-ctx.Done():
		return false
	}
}

// newBackoff doubles the delay between attempts, with jitter so that the
// replicas of the sidecar do not all come at once. The longest is short enough
// to be back within seconds of the database.
func newBackoff() *backoff.ExponentialBackOff {
	const shortest, longest = 75 * time.Millisecond, 1500 * time.Millisecond
	return &backoff.ExponentialBackOff{InitialInterval: shortest, MaxInterval: longest, Multiplier: 2, RandomizationFactor: 1. / 3}
}
