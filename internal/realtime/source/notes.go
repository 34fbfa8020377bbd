package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

const (
	pollSoon  = 50 * time.Millisecond  // while somebody has subscribed to a table
	pollLater = 200 * time.Millisecond // else: broadcasts from SQL alone
	lease     = time.Minute            // for which watch_table() has changes noted
	keepEvery = 20 * time.Second       // renews it; what is older than this is removed
	stalled   = 15 * time.Second       // between two polls: less than rows are kept
	pollFor   = time.Minute            // a poll of very many rows
	mostTold  = 500                    // changes of one event
)

// errStalled says that rows may have been removed that were not read.
var errStalled = errors.New("noted changes were not read in time")

// followNotes reads what triggers have noted; why says what keeps the log from being read.
func (f *Follower) followNotes(ctx context.Context, ask *pgx.Conn, why string) (live bool, err error) {
	var there, may bool
	if err := ask.QueryRow(ctx, sql.RealtimeTriggers).Scan(&there, &may); err != nil {
		return false, fmt.Errorf("look for the triggers of realtime: %w", err)
	}
	switch {
	case !there:
		return false, fmt.Errorf("the write-ahead log cannot be read (%s), and there are no triggers instead: run `romashka migrate up`", why)
	case !may:
		return false, fmt.Errorf("the write-ahead log cannot be read (%s), and the triggers are another's: SELECT romashka.allow_jobs for the role", why)
	}
	conn, err := f.ask.Connect(ctx, service.Statement)
	if err != nil {
		return false, err
	}
	defer service.Close(ctx, conn)
	n := &notes{conn: conn, tell: f.o.Tell, watcher: &watcher{
		ask: ask, publications: f.o.Publications, wanted: f.o.Wanted, log: f.o.Logger, tables: map[uint32]*watched{}, told: map[string]bool{},
	}}
	if err := n.poll(ctx); err != nil { // from here on nothing is missed
		return false, err
	}
	if err := n.watcher.keep(ctx); err != nil {
		return false, err
	}
	f.o.Logger.LogAttrs(ctx, slog.LevelInfo, "changes of tables are noted by triggers: the write-ahead log cannot be read", slog.String("reason", why))
	f.watcher.Store(n.watcher)
	defer f.watcher.Store(nil)
	f.began(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.read(ctx) })
	group.Go(func() error { return n.watcher.run(ctx) })
	return true, group.Wait()
}

// notes reads noted changes, each once.
type notes struct {
	conn    *pgx.Conn
	tell    func(Event)
	watcher *watcher
	seen    *string // the snapshot of the last poll; nil before the first
	at      time.Time
}

// read polls until ctx ends.
func (n *notes) read(ctx context.Context) error {
	for {
		pause := pollLater
		if n.watcher.busy() {
			pause = pollSoon
		}
		if err := service.Sleep(ctx, pause); err != nil {
			return err
		}
		if err := n.poll(ctx); err != nil {
			return err
		}
	}
}

// poll tells of all changes that were committed since the last one.
func (n *notes) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pollFor)
	defer cancel()
	began := time.Now()
	rows, err := n.conn.Query(ctx, sql.RealtimeNoted, n.seen)
	if err != nil {
		return fmt.Errorf("read noted changes: %w", err)
	}
	var (
		snapshot string
		oid      *uint32
		op       *string
		key      []string
		rekeyed  *bool
		at       *time.Time
		list     []Change
	)
	_, err = pgx.ForEachRow(rows, []any{&snapshot, &oid, &op, &key, &rekeyed, &at}, func() error {
		if oid == nil {
			return nil
		}
		t := n.watcher.find(*oid)
		if t == nil || len(t.key) != len(key) {
			return nil // another replica's, or its key is being changed
		}
		list = append(list, Change{
			OID: *oid, Schema: t.schema, Table: t.name, Op: *op, Key: t.key, Values: key, Rekeyed: *rekeyed, At: *at,
		})
		key = nil // or the next row would be written over this one's
		if len(list) == mostTold {
			n.tell(Event{Changes: list})
			list = nil
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read noted changes: %w", err)
	}
	if !n.at.IsZero() && began.Sub(n.at) > stalled {
		return errStalled
	}
	if len(list) > 0 {
		n.tell(Event{Changes: list})
	}
	n.seen, n.at = &snapshot, began
	return nil
}
