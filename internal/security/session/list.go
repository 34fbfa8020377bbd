package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

const (
	channel = "romashka_sessions"
	overlap = time.Minute     // a transaction may be seen so long after it took its time
	renewal = 5 * time.Minute // between looks at the whole list
	retry   = 10 * time.Second
)

// list is what the loop that follows the list keeps to itself.
type list struct {
	conn      *pgx.Conn
	listening bool
	renewed   time.Time // when all of it was read
	newest    time.Time // by the database's clock
	failing   bool
	missing   bool
}

// follow keeps the list current until ctx ends.
func (w *Watch) follow(ctx context.Context) {
	var l list
	defer func() { w.close(&l) }()
	wait := service.NewBackoff(time.Second, retry, 0.2)
	for ctx.Err() == nil {
		pause := w.o.Look
		if err := w.look(ctx, &l); err != nil {
			pause = wait.Next()
			w.failed(ctx, &l, err)
		} else {
			wait.Reset()
			w.recovered(ctx, &l)
		}
		w.await(ctx, &l, pause)
	}
}

// look reads what has ended since the last look, or everything now and then, so
// that what no token can ask for any more is forgotten.
func (w *Watch) look(ctx context.Context, l *list) error {
	ctx, cancel := context.WithTimeout(ctx, retry)
	defer cancel()
	if err := w.connect(ctx, l); err != nil || l.missing {
		return err
	}
	since, whole := l.newest.Add(-overlap), false
	if time.Since(l.renewed) > renewal {
		since, whole = time.Unix(0, 0), true
	}
	rows, err := l.conn.Query(ctx, sql.SessionEnded, since)
	if err != nil {
		return fmt.Errorf("read ended sessions: %w", err)
	}
	found := map[string]time.Time{}
	var id string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &at}, func() error {
		found[id] = at
		if at.After(l.newest) {
			l.newest = at
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read ended sessions: %w", err)
	}
	if whole {
		l.renewed = time.Now()
	}
	w.learn(found, whole)
	return nil
}

// learn makes found the list, or a part of it, and ends what is open.
func (w *Watch) learn(found map[string]time.Time, whole bool) {
	known := *w.ended.Load()
	fresh := make([]string, 0, len(found))
	for id := range found {
		if _, ok := known[id]; !ok {
			fresh = append(fresh, id)
		}
	}
	switch {
	case whole:
		w.ended.Store(&found)
	case len(fresh) > 0:
		all := maps.Clone(known)
		maps.Copy(all, found)
		w.ended.Store(&all)
	}
	for _, id := range fresh {
		w.mu.Lock()
		open := maps.Clone(w.enders[id])
		w.mu.Unlock()
		for e := range open {
			e.end()
		}
	}
}

// connect listens where the way to the database keeps sessions; elsewhere the
// looks have to do.
func (w *Watch) connect(ctx context.Context, l *list) error {
	if l.conn != nil && !l.conn.IsClosed() && !l.missing {
		return nil
	}
	if l.conn == nil || l.conn.IsClosed() {
		l.listening, l.renewed = false, time.Time{}
		conn, err := w.db.Connect(ctx, service.Session)
		var pooler *service.PoolerError
		l.listening = err == nil
		if errors.As(err, &pooler) {
			conn, err = w.db.Connect(ctx, service.Statement)
		}
		if err != nil {
			return err
		}
		l.conn = conn
	}
	var present bool
	if err := l.conn.QueryRow(ctx, sql.SessionPresent).Scan(&present); err != nil {
		return fmt.Errorf("look for romashka.sessions: %w", err)
	}
	if l.missing = !present; l.missing {
		return nil
	}
	if l.listening {
		if _, err := l.conn.Exec(ctx, "LISTEN "+channel); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	return nil
}

// await returns after pause, or when something has changed.
func (w *Watch) await(ctx context.Context, l *list, pause time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	if l.conn == nil || l.conn.IsClosed() || !l.listening || l.missing {
		select {
		case <-ctx.Done():
		case <-w.changes:
		}
		return
	}
	_, err := l.conn.WaitForNotification(ctx)
	if err != nil && ctx.Err() == nil {
		l.conn.Close(ctx) // the next look makes another
	}
}

func (w *Watch) failed(ctx context.Context, l *list, err error) {
	if ctx.Err() != nil {
		return
	}
	w.close(l)
	if !l.failing {
		l.failing = true
		w.log.LogAttrs(ctx, slog.LevelWarn, "which sessions have ended cannot be read; the last known list holds", slog.Any("err", err))
	}
}

func (w *Watch) recovered(ctx context.Context, l *list) {
	if l.failing {
		l.failing = false
		w.log.LogAttrs(ctx, slog.LevelWarn, "which sessions have ended is known again")
	}
}

func (w *Watch) close(l *list) {
	if l.conn != nil {
		service.Close(context.Background(), l.conn)
		l.conn = nil
	}
}
