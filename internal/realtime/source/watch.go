package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// UnwatchableError says why changes of a table cannot be followed. Its text is for the
// operator.
type UnwatchableError struct{ Reason string }

func (e *UnwatchableError) Error() string { return e.Reason }

// Watch has changes of a table followed from now on, where that is to be asked for.
// It fails with an *UnwatchableError where it cannot be done.
func (f *Follower) Watch(ctx context.Context, t Table) error {
	const longest = 10 * time.Second
	w := f.watcher.Load()
	if w == nil || w.follows(t, lease/2) {
		return nil
	}
	// The connection is everybody's: a client that leaves must not take it along.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.watch(ctx, t)
}

// Follows reports whether changes of the table are told of.
func (f *Follower) Follows(t Table) bool {
	if w := f.watcher.Load(); w != nil {
		return w.follows(t, 0)
	}
	published := f.published.Load()
	return published != nil && (*published)[t]
}

// follows reports whether changes of the table are noted for so long.
func (w *watcher) follows(t Table, least time.Duration) bool {
	w.known.RLock()
	defer w.known.RUnlock()
	for _, one := range w.tables {
		if one.schema == t.Schema && one.name == t.Name {
			return time.Until(one.until) > least
		}
	}
	return false
}

// messages are followed always: they are broadcasts.
var messages = Table{"realtime", "messages"} // read-only

// watcher keeps triggers on the tables that somebody wants to know of.
type watcher struct {
	publications []string
	wanted       func() []Table
	log          *slog.Logger

	mu   sync.Mutex // one question at a time
	ask  *pgx.Conn
	past string          // a snapshot that every reader has left behind
	told map[string]bool // reasons that were logged

	known  sync.RWMutex
	tables map[uint32]*watched
	others bool // there are more than messages
}

// watched is a table with a trigger.
type watched struct {
	schema, name string
	key          []string
	until        time.Time // its changes are noted
}

// run keeps the triggers until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	for last := time.Now(); ; {
		if err := service.Sleep(ctx, keepEvery); err != nil {
			return err
		}
		now := time.Now()
		if now.Sub(last) > 2*keepEvery { // they were kept for a minute
			return errStalled
		}
		last = now
		if err := w.keep(ctx); err != nil {
			return err
		}
	}
}

// keep renews what is wanted, and removes what is not.
func (w *watcher) keep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepEvery)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []Table{messages}
	if w.wanted != nil {
		list = append(list, w.wanted()...)
	}
	w.known.Lock()
	w.others = len(list) > 1
	w.known.Unlock()
	for _, t := range list {
		err := w.watch(ctx, t)
		if _, own := errors.AsType[*UnwatchableError](err); err != nil && !own {
			return err
		}
	}
	return w.prune(ctx)
}

// prune removes noted changes that were there the last time, and a trigger that
// nobody needs.
func (w *watcher) prune(ctx context.Context) error {
	if w.past != "" {
		if _, err := w.ask.Exec(ctx, sql.RealtimePrune, w.past); err != nil {
			return fmt.Errorf("remove noted changes: %w", err)
		}
	}
	if err := w.ask.QueryRow(ctx, "SELECT pg_catalog.pg_current_snapshot()::text").Scan(&w.past); err != nil {
		return fmt.Errorf("remove noted changes: %w", err)
	}
	if _, err := w.ask.Exec(ctx, "SELECT romashka.forget_tables()"); err != nil {
		return fmt.Errorf("remove triggers of realtime: %w", err)
	}
	return nil
}

// watch is called under mu.
func (w *watcher) watch(ctx context.Context, t Table) error {
	var list []found
	for _, publication := range w.publications {
		more, err := published(ctx, w.ask, publication, t)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	var refused error
	for _, f := range list {
		err := w.watchOne(ctx, f)
		if _, own := errors.AsType[*UnwatchableError](err); err != nil && !own {
			return err
		}
		if err != nil {
			refused = err
		}
	}
	if len(list) > 1 {
		return nil // of many, those that can be
	}
	return refused
}

// found is a published table.
type found struct {
	oid uint32
	Table
}

func published(ctx context.Context, conn *pgx.Conn, publication string, t Table) ([]found, error) {
	rows, err := conn.Query(ctx, sql.RealtimeTables, publication, t.Schema, t.Name)
	if err != nil {
		return nil, fmt.Errorf("look for published tables: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f found, err error) {
		return f, row.Scan(&f.oid, &f.Schema, &f.Name)
	})
	if err != nil {
		return nil, fmt.Errorf("look for published tables: %w", err)
	}
	return list, nil
}

func (w *watcher) watchOne(ctx context.Context, f found) error {
	asked := time.Now()
	key, err := keysOf(ctx, w.ask, f.oid)
	if err != nil {
		return err
	}
	var lacks *string
	err = w.ask.QueryRow(ctx, sql.RealtimeWatch, f.oid).Scan(&lacks)
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == pgerrcode.LockNotAvailable {
		text := fmt.Sprintf("%s.%s is in use, and takes no trigger at the moment", f.Schema, f.Name)
		lacks, err = &text, nil
	}
	if err != nil {
		return fmt.Errorf("watch %s.%s: %w", f.Schema, f.Name, err)
	}
	if lacks != nil {
		w.complain(ctx, f.Schema+"."+f.Name, *lacks)
		return &UnwatchableError{*lacks}
	}
	w.known.Lock()
	defer w.known.Unlock()
	w.tables[f.oid] = &watched{schema: f.Schema, name: f.Name, key: key, until: asked.Add(lease)}
	w.others = w.others || f.Table != messages
	return nil
}

// complain logs a reason once.
func (w *watcher) complain(ctx context.Context, table, reason string) {
	if w.told[table+reason] {
		return
	}
	w.told[table+reason] = true
	w.log.LogAttrs(ctx, slog.LevelWarn, "changes of a table cannot be followed, and are not told to clients of Realtime",
		slog.String("table", table), slog.String("reason", reason))
}

func (w *watcher) find(oid uint32) *watched {
	w.known.RLock()
	defer w.known.RUnlock()
	return w.tables[oid]
}

// busy reports whether somebody has subscribed to a table.
func (w *watcher) busy() bool {
	w.known.RLock()
	defer w.known.RUnlock()
	return w.others
}
