package apilog

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
)

// Options are the settings of a Writer. URL and Logger are required.
type Options struct {
	URL    string // connection string of a role that may write the table
	Logger *slog.Logger
	// Salt is hashed with each token; replicas that are to give a token the
	// same hash share it. Random when empty.
	Salt     []byte
	MaxQueue int // rows that may wait; 50,000
	// Budget is how many bytes of rows may come in a minute; rows beyond it,
	// and beyond the share of one address, are counted. 0 = every request is a row.
	Budget int64
	// Ceiling is how many bytes the table may take; from nine tenths on it takes
	// evidence alone. 0 = no limit.
	Ceiling int64
	Now     func() time.Time // time.Now
}

const (
	batchFrom   = 500 // rows that are worth a batch at once
	batchMost   = 2000
	interval    = 500 * time.Millisecond // between batches that are not full
	dropReport  = time.Minute            // between log lines about lost rows
	insertLimit = 10 * time.Second
	flushLimit  = 5 * time.Second // for the rows that wait at the end
	lookAgain   = 30 * time.Second

	firstPause   = 150 * time.Millisecond // after a failure, and longer after each
	longestPause = 3 * time.Second
)

// Writer brings entries to the table. It is safe for concurrent use.
type Writer struct {
	db    *service.Database
	log   *slog.Logger
	hash  *hashers
	queue *service.Queue[row]
	thin  *thinner
	full  chan struct{} // capacity 1

	off     atomic.Bool // there is no table: nothing is queued
	written atomic.Int64
	size    atomic.Int64 // of the table when it was last looked at, bytes
	ceiling int64

	loop service.Loop

	conn     *pgx.Conn // of the running loop alone, as is all below
	batch    []row
	text     []byte // of the last batch, for the next
	backoff  *service.Backoff
	wait     time.Duration // before the next attempt; 0 = none
	reported report
	sized    time.Time // when size was read
}

// report is the log's last line on the state of the writer.
type report struct {
	dropped int64
	at      time.Time
	missing bool
	failing bool
}

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*Writer, error) {
	if o.Logger == nil {
		return nil, errors.New("apilog: Logger is required")
	}
	db, err := service.New(service.Options{URI: o.URL, Setting: "romashka-db-background-uri", Name: "romashka api log"})
	if err != nil {
		return nil, err
	}
	if len(o.Salt) == 0 {
		o.Salt = make([]byte, 32)
		if _, err := rand.Read(o.Salt); err != nil {
			return nil, fmt.Errorf("apilog: make a salt: %w", err)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Writer{
		thin: newThinner(o.Budget, o.Now), ceiling: o.Ceiling, backoff: service.NewBackoff(firstPause, longestPause, 0.5),
		db: db, log: o.Logger, hash: newHashers(o.Salt), queue: service.NewQueue[row](cmp.Or(o.MaxQueue, 50_000)), full: make(chan struct{}, 1),
	}, nil
}

// Record queues e, of which it keeps nothing, or counts it. It never blocks.
func (w *Writer) Record(e *Entry) {
	if w.off.Load() {
		return
	}
	yes, ended := w.thin.lists(e)
	w.push(ended...)
	if yes {
		w.push(newRow(e, w.hash))
	}
}

func (w *Writer) push(rows ...row) {
	for i := range rows {
		if w.queue.Push(rows[i]) >= batchFrom {
			select {
			case w.full <- struct{}{}:
			default:
			}
		}
	}
}

// Stats are counts since the start, but for Waiting.
type Stats struct {
	Waiting          int   // rows in the queue
	Written, Dropped int64 // rows
	Counted          int64 // requests that have no row of their own
	Size, Ceiling    int64 // bytes of the table; 0 = not known, no ceiling
}

// Stats returns the state of the log's queue.
func (w *Writer) Stats() Stats {
	waiting, dropped := w.queue.Stats()
	return Stats{
		Waiting: waiting, Written: w.written.Load(), Dropped: dropped, Counted: w.thin.total(), Size: w.size.Load(), Ceiling: w.ceiling,
	}
}

// Start begins to write. A second call does nothing.
func (w *Writer) Start(ctx context.Context) error { return w.loop.Start(ctx, w.run) }

// Stop writes the waiting rows, for a few seconds at most, and ends. Entries that
// come later are not written.
func (w *Writer) Stop() { w.loop.Stop() }

func (w *Writer) run(ctx context.Context) {
	defer w.last(ctx)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		w.push(w.thin.roll()...)
		w.flush(ctx)
		w.reportDrops(ctx)
		if !w.pause(ctx, tick.C) {
			return
		}
	}
}

// pause waits until there is something to do, and reports whether there will be.
func (w *Writer) pause(ctx context.Context, tick <-chan time.Time) bool {
	if wait := w.wait; wait > 0 {
		w.wait = 0
		return service.Sleep(ctx, wait) == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-tick:
	case <-w.full:
	}
	return true
}

// flush writes until the queue is empty or the database does not take it.
func (w *Writer) flush(ctx context.Context) {
	for ctx.Err() == nil {
		w.next()
		if len(w.batch) == 0 && w.conn != nil && !w.measureDue() {
			return
		}
		if err := w.write(ctx); err != nil {
			w.failed(ctx, err)
			return
		}
		if w.off.Load() || len(w.batch) < batchFrom {
			w.clear()
			return // the rest can wait for the next
		}
		w.clear()
	}
}

// next takes the next batch when the last one is done with.
func (w *Writer) next() {
	if len(w.batch) > 0 {
		return
	}
	w.batch = w.queue.Take(w.batch, batchMost)
	identify(w.batch, time.Now())
}

func (w *Writer) clear() {
	clear(w.batch)
	w.batch = w.batch[:0]
}

// write puts the batch into the table, connecting first where needed. A stop
// does not cut it short: Stop waits.
func (w *Writer) write(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), insertLimit)
	defer cancel()
	if err := w.connect(ctx); err != nil {
		return err
	}
	if w.off.Load() {
		return nil
	}
	if err := w.measure(ctx); err != nil {
		return err
	}
	if len(w.batch) == 0 {
		return nil
	}
	lost, err := w.writeAll(ctx, w.conn, w.batch)
	if err != nil {
		return err
	}
	w.queue.Drop(lost)
	w.written.Add(int64(len(w.batch) - lost))
	w.recovered(ctx)
	return nil
}
