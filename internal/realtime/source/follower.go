package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// Options are what a Follower is made of. All are required but Wanted.
type Options struct {
	URL string // connection string of a role that may replicate, or do background work
	// Setting is where URL was given, for messages.
	Setting string
	// Publications whose tables are followed, as far as there are such. The
	// first one must be there.
	Publications []string
	Logger       *slog.Logger
	// Tell gets every Event, in order. It must not block.
	Tell func(Event)
	// Wanted are the tables that somebody has subscribed to.
	Wanted func() []Table
}

// Follower follows changes from Start to Stop. It is a service.
type Follower struct {
	o         Options
	replicate *service.Database
	ask       *service.Database
	loop      service.Loop
	watcher   atomic.Pointer[watcher]        // nil where the write-ahead log is read
	published atomic.Pointer[map[Table]bool] // nil where it is not

	lost    time.Time // when following ended; zero = never
	failing bool
}

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Follower, error) {
	if o.Logger == nil || o.Tell == nil || len(o.Publications) == 0 {
		return nil, errors.New("source: Logger, Tell and Publications are required")
	}
	f := &Follower{o: o}
	var err error
	f.replicate, err = service.New(service.Options{
		URI: o.URL, Setting: o.Setting, Name: "romashka realtime", Mode: pgx.QueryExecModeSimpleProtocol, Replication: true,
	})
	if err != nil {
		return nil, err
	}
	f.ask, err = service.New(service.Options{URI: o.URL, Setting: o.Setting, Name: "romashka realtime"})
	return f, err
}

// Start begins to follow. A second call does nothing.
func (f *Follower) Start(ctx context.Context) error { return f.loop.Start(ctx, f.run) }

// Stop ends, and with it the slot.
func (f *Follower) Stop() { f.loop.Stop() }

func (f *Follower) run(ctx context.Context) {
	wait := service.NewBackoff(200*time.Millisecond, 5*time.Second, 0.2)
	for ctx.Err() == nil {
		live, err := f.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if live { // it was followed for a while
			wait.Reset()
			f.lost, f.failing = time.Now(), false
			f.o.Tell(Event{Lost: true, Since: f.lost})
		}
		f.failed(ctx, err)
		_ = service.Sleep(ctx, wait.Next()) // the loop looks at ctx
	}
}

// failed tells of the first failure in a row.
func (f *Follower) failed(ctx context.Context, err error) {
	if f.failing {
		return
	}
	f.failing = true
	f.o.Logger.LogAttrs(ctx, slog.LevelWarn, "changes of tables cannot be followed, and are not told to clients of Realtime; it is tried again", slog.Any("err", err))
}

// follow follows by the best way that there is; live is true when it had begun.
func (f *Follower) follow(ctx context.Context) (live bool, err error) {
	ask, err := f.ask.Connect(ctx, service.Session)
	pooler, pooled := errors.AsType[*service.PoolerError](err)
	if pooled {
		ask, err = f.ask.Connect(ctx, service.Statement)
	}
	if err != nil {
		return false, err
	}
	defer service.Close(ctx, ask)
	var names []string
	var lacks *string
	if err := ask.QueryRow(ctx, sql.RealtimePublications, f.o.Publications).Scan(&names, &lacks); err != nil {
		return false, fmt.Errorf("look for the publication: %w", err)
	}
	switch {
	case !slices.Contains(names, f.o.Publications[0]):
		return false, fmt.Errorf("there is no publication %s; CREATE PUBLICATION %[1]s FOR TABLE with what is to be followed", f.o.Publications[0])
	case pooled:
		return f.followNotes(ctx, ask, pooler.Error())
	case lacks != nil:
		return f.followNotes(ctx, ask, *lacks)
	}
	return f.followLog(ctx, ask, names)
}

// followLog reads the write-ahead log.
func (f *Follower) followLog(ctx context.Context, ask *pgx.Conn, names []string) (live bool, err error) {
	conn, err := f.replicate.Connect(ctx, service.Session)
	if err != nil {
		return false, err
	}
	defer service.Close(ctx, conn)
	s := &stream{conn: conn.PgConn(), tell: f.o.Tell, decoder: decoder{
		relations: map[uint32]*relation{},
		keysOf:    func(oid uint32) ([]string, error) { return keysOf(ctx, ask, oid) },
	}}
	if err := s.begin(ctx, names); err != nil {
		return false, err
	}
	list, err := published(ctx, ask, f.o.Publications[0], Table{"*", "*"})
	if err != nil {
		return false, err
	}
	tables := make(map[Table]bool, len(list))
	for _, t := range list {
		tables[t.Table] = true
	}
	f.published.Store(&tables)
	defer f.published.Store(nil)
	f.began(ctx)
	return true, s.read(ctx)
}

// began tells that changes are followed from now on.
func (f *Follower) began(ctx context.Context) {
	if f.failing {
		f.o.Logger.LogAttrs(ctx, slog.LevelWarn, "changes of tables are followed again")
	}
	f.o.Tell(Event{Live: true, Since: f.lost})
}

func keysOf(ctx context.Context, conn *pgx.Conn, oid uint32) ([]string, error) {
	const longest = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	rows, err := conn.Query(ctx, sql.RealtimeKeys, oid)
	if err != nil {
		return nil, fmt.Errorf("read the key of a table: %w", err)
	}
	key, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the key of a table: %w", err)
	}
	return key, nil
}
