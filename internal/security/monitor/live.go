package monitor

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
	"github.com/romashka/sidecar/sql"
)

// Live follows the rows as they are committed: a job calls Run every few seconds,
// in one replica or in several, of which one works at a time.
//
// The rows already read are known by a snapshot of PostgreSQL, not by a time or an id: new
// is each row that the last snapshot did not see. It is written with the incidents in one
// transaction, so that a crash loses none and doubles none. The memory of
// users is written every minute or two; after a crash, or in another replica, the
// rows since then are read again.
type Live struct {
	// Respond is told of the incidents that were written or have changed, in the
	// transaction that wrote them; may be nil.
	Respond func(ctx context.Context, tx pgx.Tx, ids []string) error
	// Most is how many rows of the log a first start reads at most; 0 = 1,500,000.
	Most int

	geo Locator

	stream *detect.Stream // nil until it is loaded
	d      *detect.Detector
	may    map[string]bool
	seen   string    // snapshot up to which rows were read, as text
	saved  time.Time // when the memory was written, by the database's clock
	looked time.Time // when settings and people were read
}

// NewLive makes a Live that has read nothing yet; geo may be nil.
func NewLive(geo Locator) *Live { return &Live{geo: geo} }

// Tick is the outcome of a call of Run.
type Tick struct {
	Rows    int
	Found   []detect.Incident // new or changed
	Written Written
	Left    int // rows so far that were left out, of clocks that are hours off
	Learned *Learned
}

// String is a line for people.
func (t *Tick) String() string {
	text := fmt.Sprintf("%d rows, %d new incidents, %d that went on", t.Rows, t.Written.New, t.Written.Updated)
	if t.Learned != nil {
		text += "; " + t.Learned.String()
	}
	return text
}

// Learned is the past that a first start has read; incidents of it are not told.
type Learned struct {
	Since time.Time // of requests; sessions and factors are read for 30 days
	Whole bool      // no row of 30 days was left out
	Rows  int
}

func (l *Learned) String() string {
	text := fmt.Sprintf("a first start: it learned from the %d rows since %s", l.Rows, l.Since.UTC().Format("2006-01-02 15:04:05Z"))
	if !l.Whole {
		text += ", all that a first start reads of a log so large; of older requests the rules know nothing"
	}
	return text
}

// ErrBusy is told where another replica is at work.
var ErrBusy = errors.New("another replica detects")

const (
	saving    = time.Minute // between two writes of the memory
	refreshed = time.Minute // between two looks at settings and people

	// mostLearned bounds a first start: two minutes or so on one core. Habits
	// from before that are known by sessions alone.
	mostLearned = 1_500_000
)

// Run reads the new rows, has the rules look at them, and writes the incidents.
func (l *Live) Run(ctx context.Context, conn *pgx.Conn) (t Tick, err error) {
	was, at := l.seen, time.Time{}
	err = jobs.Read(ctx, conn, func(tx pgx.Tx) error {
		var err error
		was, at, err = l.read(ctx, tx, &t)
		return err
	})
	if err == nil {
		t.Left = l.stream.Ahead + l.stream.Behind
		err = jobs.Write(ctx, conn, func(tx pgx.Tx) error { return l.write(ctx, tx, was, at, &t) })
	}
	if err != nil {
		l.stream = nil // its memory is not that of the database: begin from there
		return Tick{}, err
	}
	return t, nil
}

// read gives the stream the new rows. was is the snapshot that stands in the
// database, "" for none.
func (l *Live) read(ctx context.Context, tx pgx.Tx, t *Tick) (was string, now time.Time, err error) {
	var next string
	if err := tx.QueryRow(ctx, sql.MonitorSeen).Scan(&was, &next, &now); err != nil {
		return "", now, fmt.Errorf("read how far detection is: %w", err)
	}
	var from time.Time
	to := now.Add(far)
	if l.stream == nil || was == "" || was != l.seen {
		from, err = l.load(ctx, tx, now, t)
		to = from.Add(time.Microsecond) // later rows were read
	} else {
		from, err = l.stream.Settled().Time(), l.refresh(ctx, tx, now)
	}
	if err != nil {
		return was, now, err
	}
	if was != "" {
		list, err := l.fresh(ctx, tx, was, from.Add(-detect.TooLate), to)
		if err != nil {
			return was, now, err
		}
		l.add(list, now, t)
	}
	l.seen = next
	return was, now, nil
}

func (l *Live) add(list []event.Event, now time.Time, t *Tick) {
	locate(l.geo, list)
	l.stream.Add(list, event.MomentOf(now))
	t.Rows += len(list)
	t.Found = merge(t.Found, l.stream.Advance())
}

// merge lets the later word on an incident replace the earlier one.
func merge(list, later []detect.Incident) []detect.Incident {
	at := map[string]int{}
	for n := range list {
		at[list[n].Key] = n
	}
	for _, i := range later {
		if n, ok := at[i.Key]; ok {
			list[n] = i
			continue
		}
		list = append(list, i)
	}
	return list
}

// far is later than any row.
const far = 100 * 365 * 24 * time.Hour

// fresh reads the rows of a time that the snapshot did not see. Supabase Auth's table has
// no column of ours, and two_factor_auth changes in place: of them the unsettled
// time is read again, and the stream drops rows that it holds.
func (l *Live) fresh(ctx context.Context, tx pgx.Tx, seen string, from, to time.Time) (list []event.Event, err error) {
	since := l.stream.Settled().Time().Add(time.Microsecond)
	for _, s := range sources {
		if !l.may[s.table] {
			continue
		}
		var more []event.Event
		if s.required {
			more, err = read(ctx, tx, s, s.statement+"\n"+sql.MonitorArrived, from, to, seen)
		} else {
			more, err = read(ctx, tx, s, s.statement, since, to)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// load makes the stream from the memory in the database, or, the first time,
// from the rows of the past. settled is up to when that is; later rows are
// read from the tables.
func (l *Live) load(ctx context.Context, tx pgx.Tx, now time.Time, t *Tick) (settled time.Time, err error) {
	if l.may, err = readable(ctx, tx); err != nil {
		return settled, err
	}
	set, err := settings(ctx, tx, l.may)
	if err != nil {
		return settled, err
	}
	l.d = detect.New(set)
	settled, ok, err := l.remember(ctx, tx)
	if err != nil {
		return settled, err
	}
	if !ok {
		l.d = detect.New(set)
		settled = now.Add(-detect.Lateness)
		if t.Learned, err = l.learn(ctx, tx, now.Add(-warmUp), settled.Add(time.Microsecond)); err != nil {
			return settled, err
		}
	}
	if err := people(ctx, tx, l.d); err != nil {
		return settled, err
	}
	l.looked, l.saved = now, time.Time{}
	l.d.Take() // incidents of the past are told already
	l.stream = detect.NewStream(l.d, event.MomentOf(settled))
	return settled, events(ctx, tx, l.may, settled.Add(time.Microsecond), now.Add(detect.Lateness), func(list []event.Event) error {
		l.add(list, now, t)
		return ctx.Err()
	})
}

// remember loads the memory that was written last; ok reports whether there is
// one that can be read.
func (l *Live) remember(ctx context.Context, tx pgx.Tx) (settled time.Time, ok bool, err error) {
	var memory []byte
	err = tx.QueryRow(ctx, sql.MonitorMemory, detect.Form).Scan(&settled, &memory)
	if errors.Is(err, pgx.ErrNoRows) {
		return settled, false, nil
	}
	if err != nil {
		return settled, false, fmt.Errorf("read the memory of detection: %w", err)
	}
	packed, err := gzip.NewReader(bytes.NewReader(memory))
	if err != nil {
		return settled, false, nil //nolint:nilerr // it is made anew
	}
	return settled, l.d.Load(packed) == nil, nil
}

// learn has the rules see the past, up to the time that late rows may still change:
// the longest memory of a rule, but of requests no more than Most.
func (l *Live) learn(ctx context.Context, tx pgx.Tx, from, to time.Time) (*Learned, error) {
	if err := past(ctx, tx, l.d, from); err != nil {
		return nil, err
	}
	if err := people(ctx, tx, l.d); err != nil {
		return nil, err
	}
	told := &Learned{Since: from}
	err := tx.QueryRow(ctx, sql.MonitorReach, from, to, cmp.Or(l.Most, mostLearned)).Scan(&told.Since)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		told.Whole = true
	case err != nil:
		return nil, fmt.Errorf("look how far the log goes back: %w", err)
	default:
		told.Since = told.Since.Add(time.Microsecond) // without that row
	}
	see := func(list []event.Event) error {
		locate(l.geo, list)
		for i := range list {
			l.d.Push(&list[i])
		}
		l.d.Take()
		told.Rows += len(list)
		return ctx.Err()
	}
	others := maps.Clone(l.may)
	delete(others, requests)
	if err := events(ctx, tx, others, from, told.Since, see); err != nil {
		return nil, err
	}
	return told, events(ctx, tx, l.may, told.Since, to, see)
}

func (l *Live) refresh(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if now.Sub(l.looked) < refreshed {
		return nil
	}
	set, err := settings(ctx, tx, l.may)
	if err != nil {
		return err
	}
	l.d.Set(set)
	l.looked = now
	return people(ctx, tx, l.d)
}

// write writes the incidents and how far was read. If another replica has
// written since, nothing is.
func (l *Live) write(ctx context.Context, tx pgx.Tx, was string, now time.Time, t *Tick) (err error) {
	var ids []string
	if t.Written, ids, err = write(ctx, tx, t.Found); err != nil {
		return err
	}
	if l.Respond != nil {
		if err := l.Respond(ctx, tx, ids); err != nil {
			return err
		}
	}
	var memory []byte
	if now.Sub(l.saved) >= saving {
		if memory, err = l.memory(); err != nil {
			return err
		}
	}
	if t.Rows == 0 && memory == nil && was != "" {
		l.seen = was
		return nil
	}
	done, err := tx.Exec(ctx, sql.MonitorTell, was, l.seen, l.stream.Settled().Time(), detect.Form, memory)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == pgerrcode.UniqueViolation || err == nil && done.RowsAffected() == 0 {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("write how far detection is: %w", err)
	}
	if memory != nil {
		l.saved = now
	}
	return nil
}

func (l *Live) memory() ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(l.stream.Save(w), w.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
