package session

import (
	"context"
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

// list is the private state of the loop that follows the list.
type list struct {
	renewed time.Time // when all of it was read
	newest  time.Time // by the database's clock
}

// follow keeps the list current until ctx ends.
func (w *Watch) follow(ctx context.Context) {
	var l list
	f := service.Follower{
		DB: w.db, Logger: w.log, What: "which sessions have ended", Channel: channel, Look: w.o.Look, Present: sql.SessionPresent, Changes: w.changes,
		Read: func(ctx context.Context, conn *pgx.Conn, anew bool) error {
			if anew {
				l.renewed = time.Time{}
			}
			return w.look(ctx, conn, &l)
		},
	}
	f.Run(ctx)
}

// look reads the sessions that ended since the last look, or everything now and then, so
// that sessions that no token can ask for any more are forgotten.
func (w *Watch) look(ctx context.Context, conn *pgx.Conn, l *list) error {
	since, whole := l.newest.Add(-overlap), false
	if time.Since(l.renewed) > renewal {
		since, whole = time.Unix(0, 0), true
	}
	rows, err := conn.Query(ctx, sql.SessionEnded, since)
	if err != nil {
		return err
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
		return err
	}
	if whole {
		l.renewed = time.Now()
	}
	w.learn(found, whole)
	return nil
}

// learn makes found the list, or a part of it, and ends the streams that are open.
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
