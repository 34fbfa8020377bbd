package visible

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/sql"
)

// Options are what a Checker is made of. DB and Publication are required.
type Options struct {
	DB          *pgxpool.Pool // logs in as a role that may become those of the clients
	Publication string
	SearchPath  string        // of the API
	MaxRow      int           // bytes of a row as JSON that is sent; 1 MiB
	Timeout     time.Duration // of one batch; 10 s
	Workers     int           // batches are asked on so many connections at once; 2
}

// Checker asks the database. It is safe for concurrent use.
type Checker struct {
	o      Options
	tables tables
}

// New makes a Checker. It does no I/O.
func New(o Options) *Checker {
	o.MaxRow, o.Timeout, o.Workers = cmp.Or(o.MaxRow, 1<<20), cmp.Or(o.Timeout, 10*time.Second), cmp.Or(o.Workers, 2)
	return &Checker{o: o}
}

// Reader is whom a change is shown to.
type Reader struct {
	Role   string
	Claims []byte // a JSON object
}

// RefusedError says why a subscription is refused; its text is for the client.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// Try reports whether r may subscribe to all of specs: the table is published, r may read
// its key and the columns that are named, and the values of the filters are of the
// columns' types. It prepares specs for RulesOut. A *RefusedError is a subscription's fault,
// another error the database's.
func (c *Checker) Try(ctx context.Context, r Reader, specs ...*Spec) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	return c.in(ctx, func(tx pgx.Tx) error {
		subjects := map[[2]string]subject{} // a channel's subscriptions are often about one table
		for _, s := range specs {
			at := [2]string{s.Schema, s.Table}
			if _, known := subjects[at]; known {
				continue
			}
			of, err := c.subject(ctx, tx, r, s)
			if err != nil {
				return err
			}
			subjects[at] = of
		}
		if _, err := tx.Exec(ctx, become, r.Role, string(r.Claims)); err != nil {
			return refused(err)
		}
		for _, s := range specs {
			if err := c.try(ctx, tx, r, s, subjects[[2]string{s.Schema, s.Table}]); err != nil {
				return refused(err)
			}
		}
		return nil
	})
}

// subject is the table of a subscription, as its reader sees it; nil where it is about many.
type subject struct {
	schema, name string
	table        *table
}

func (c *Checker) subject(ctx context.Context, tx pgx.Tx, r Reader, s *Spec) (of subject, err error) {
	var oid uint32
	oid, of.schema, of.name, err = c.published(ctx, tx, s)
	if err == nil && !s.whole() {
		of.table, err = loadTable(ctx, tx, oid, r.Role)
	}
	return of, refused(err)
}

// try asks as the reader, of no row.
func (c *Checker) try(ctx context.Context, tx pgx.Tx, r Reader, s *Spec, of subject) error {
	t := of.table
	if t == nil {
		return nil
	}
	if err := t.fits(s); err != nil {
		return &RefusedError{err.Error()}
	}
	for _, f := range s.Filters {
		if err := t.tryFilter(ctx, tx, f); err != nil {
			return err
		}
	}
	s.compare(t)
	q := t.ask(of.schema, of.name, r.Role, s, c.o.MaxRow)
	_, err := tx.Exec(ctx, q.sql, q.args(len(t.keys()), nil)...)
	return err
}

// tryFilter has the database read the value of a filter.
func (t *table) tryFilter(ctx context.Context, tx pgx.Tx, f Filter) error {
	column, _ := t.find(f.Column)
	if f.Op == "is" {
		if f.Value != "null" && column.cast != "boolean" {
			return &RefusedError{fmt.Sprintf("is %s filter requires a boolean column, got %s", f.Value, column.cast)}
		}
		return nil
	}
	var b strings.Builder
	b.WriteString("SELECT ")
	values := condition(&b, f, column, 0, nil)
	_, err := tx.Exec(ctx, b.String()+" FROM (SELECT NULL::"+column.cast+" AS "+quote(f.Column)+") AS t", values...)
	if err == nil { // of a column without a value, a plan need not have looked at the filter's
		_, err = tx.Exec(ctx, "SELECT $1::text::"+castOf(f, column), f.Value)
	}
	if err == nil && strings.HasSuffix(f.Op, "match") { // of no value, none was tried
		_, err = tx.Exec(ctx, "SELECT '' ~ $1::text", f.Value)
	}
	return err
}

// published finds the table of a subscription, or one of its tables.
func (c *Checker) published(ctx context.Context, tx pgx.Tx, s *Spec) (oid uint32, schema, name string, err error) {
	err = tx.QueryRow(ctx, sql.RealtimeTables, c.o.Publication, s.Schema, s.Table).Scan(&oid, &schema, &name)
	if errors.Is(err, pgx.ErrNoRows) {
		err = &RefusedError{fmt.Sprintf("Please check Realtime is enabled for the given connect parameters: [schema: %s, table: %s]", s.Schema, s.Table)}
	}
	return oid, schema, name, err
}

// Ask is a question: which of the changes of one table may r see through s.
type Ask struct {
	Reader  Reader
	Spec    *Spec
	Changes []*source.Change // of one table
	rows    []Row            // one for each change, when asked
	columns []byte
	err     error
}

// Row is what a reader sees of a change.
type Row struct {
	Seen     bool
	Record   []byte // a JSON object; nil = too large, or deleted
	Key      []byte // a JSON object
	TooLarge bool
}

// Rows are the answer, one for each change. The error says that the question
// cannot be answered, and with it nothing may be sent.
func (a *Ask) Rows() ([]Row, error) { return a.rows, a.err }

// Columns describe a Record: [{"name":"id","type":"int8"}, ...].
func (a *Ask) Columns() []byte { return a.columns }

// Check answers all asks. Each of them has its own error; the returned one is
// the database's, and nothing was answered then.
func (c *Checker) Check(ctx context.Context, asks []*Ask) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	var changes []*source.Change
	for _, a := range asks {
		changes = append(changes, a.Changes...)
	}
	if err := c.settle(ctx, changes); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	share := max(1, (len(asks)+c.o.Workers-1)/c.o.Workers)
	for begin := 0; begin < len(asks); begin += share {
		part := asks[begin:min(begin+share, len(asks))]
		group.Go(func() error { return c.some(ctx, part) })
	}
	return group.Wait()
}

// some asks many questions in one transaction. Where one of them fails, each
// is asked in a transaction of its own.
func (c *Checker) some(ctx context.Context, asks []*Ask) error {
	err := c.in(ctx, func(tx pgx.Tx) error { return c.ask(ctx, tx, asks) })
	if err == nil || !isRefusal(err) {
		return err
	}
	for _, a := range asks {
		a.rows = nil
		err := c.in(ctx, func(tx pgx.Tx) error { return c.ask(ctx, tx, []*Ask{a}) })
		if err != nil && !isRefusal(err) {
			return err
		}
		if a.err = refused(err); err != nil && len(a.Changes) > 0 {
			c.tables.forget(a.Changes[0].OID, a.Reader.Role)
		}
	}
	return nil
}

// become is whose eyes the next statements see with.
const become = `SELECT pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true),
 pg_catalog.set_config('request.jwt.claim.sub', '', true), pg_catalog.set_config('request.jwt.claim.role', '', true)`

// in runs f in a transaction that only reads.
func (c *Checker) in(ctx context.Context, f func(pgx.Tx) error) error {
	tx, err := c.o.DB.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin to check: %w", err)
	}
	defer func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = tx.Rollback(late) // it has read only
	}()
	// A plan for each number of rows would be made anew for each reader, at ten times
	// the price of the answer. One that is kept may have been made while the table was
	// empty, so rows are always looked up by their keys.
	const path = `SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('statement_timeout', '5s', true),
 pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true), pg_catalog.set_config('enable_seqscan', 'off', true),
 pg_catalog.set_config('enable_hashjoin', 'off', true), pg_catalog.set_config('enable_mergejoin', 'off', true)`
	if _, err := tx.Exec(ctx, path, c.o.SearchPath); err != nil {
		return fmt.Errorf("begin to check: %w", err)
	}
	return f(tx)
}

// ask sends the questions one behind the other and reads the answers.
func (c *Checker) ask(ctx context.Context, tx pgx.Tx, asks []*Ask) error {
	var batch pgx.Batch
	for _, a := range asks {
		if err := c.queue(ctx, tx, &batch, a); err != nil {
			return err
		}
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// queue puts the statements of one question behind the others.
func (c *Checker) queue(ctx context.Context, tx pgx.Tx, batch *pgx.Batch, a *Ask) error {
	a.rows = make([]Row, len(a.Changes))
	if len(a.Changes) == 0 {
		return nil
	}
	first := a.Changes[0]
	t, err := c.tables.get(ctx, tx, first.OID, a.Reader.Role)
	if err != nil {
		return err
	}
	if lacks := t.fits(a.Spec); lacks != nil {
		return nil //nolint:nilerr // a grant was taken away: nothing is seen
	}
	a.columns = describe(t.shown(a.Spec.Select))
	there, gone := split2(a.Changes)
	batch.Queue(become, a.Reader.Role, string(a.Reader.Claims))
	if len(there) > 0 {
		q := t.ask(first.Schema, first.Table, a.Reader.Role, a.Spec, c.o.MaxRow)
		a.read(batch.Queue(q.sql, q.args(len(t.keys()), a.values(there))...), there)
	}
	if len(gone) > 0 {
		if q, ok := t.askKeys(a.Reader.Role, a.Spec); ok {
			a.read(batch.Queue(q.sql, q.args(len(t.keys()), a.values(gone))...), gone)
		}
	}
	return nil
}

// split2 are the places of changes whose row is there, and of those where it is gone.
func split2(changes []*source.Change) (there, gone []int) {
	for i, ch := range changes {
		if ch.Op == "DELETE" {
			gone = append(gone, i)
		} else {
			there = append(there, i)
		}
	}
	return there, gone
}

func (a *Ask) values(places []int) [][]string {
	list := make([][]string, len(places))
	for i, place := range places {
		list[i] = a.Changes[place].Values
	}
	return list
}

// args are the parameters: a list for each column of the key, then the filters' values.
func (q question) args(keys int, rows [][]string) []any {
	args := make([]any, 0, keys+len(q.tail))
	for i := range keys {
		list := make([]string, len(rows))
		for j, row := range rows {
			if i < len(row) {
				list[j] = row[i]
			}
		}
		args = append(args, list)
	}
	return append(args, q.tail...)
}

// read notes the answer to a question about the changes at places.
func (a *Ask) read(q *pgx.QueuedQuery, places []int) {
	q.Query(func(rows pgx.Rows) error {
		var n int
		var record, key *string
		_, err := pgx.ForEachRow(rows, []any{&n, &record, &key}, func() error {
			if n < 1 || n > len(places) || key == nil {
				return errors.New("an answer about a row that was not asked for")
			}
			row := &a.rows[places[n-1]]
			row.Seen, row.Key = true, []byte(*key)
			if record != nil {
				row.Record = []byte(*record)
			}
			row.TooLarge = record == nil && a.Changes[places[n-1]].Op != "DELETE"
			return nil
		})
		return err
	})
}

// describe writes columns as clients know them.
func describe(columns []column) []byte {
	type one struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	list := make([]one, len(columns))
	for i, c := range columns {
		list[i] = one{c.name, c.kind}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return []byte("[]") // cannot be: there are only texts
	}
	return text
}

// Settle waits until every transaction of the changes is seen by others, for as
// long as a check may take: the write-ahead log tells of a commit a moment before.
func (c *Checker) Settle(ctx context.Context, changes []*source.Change) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	return c.settle(ctx, changes)
}

func (c *Checker) settle(ctx context.Context, changes []*source.Change) error {
	open := map[uint32]bool{}
	for _, ch := range changes {
		if ch.XID != 0 {
			open[ch.XID] = true
		}
	}
	for pause := time.Millisecond; len(open) > 0; pause = min(2*pause, 100*time.Millisecond) {
		var snapshot string
		if err := c.o.DB.QueryRow(ctx, "SELECT pg_catalog.pg_current_snapshot()::text").Scan(&snapshot); err != nil {
			return fmt.Errorf("look which transactions are over: %w", err)
		}
		for xid := range open {
			if over(snapshot, xid) {
				delete(open, xid)
			}
		}
		if len(open) > 0 && service.Sleep(ctx, pause) != nil {
			return ctx.Err()
		}
	}
	return nil
}

// over reports whether a snapshot "xmin:xmax:xip,xip" sees a transaction. Its
// numbers have 64 bits, of which the write-ahead log has the lower half.
func over(snapshot string, xid uint32) bool {
	parts := strings.SplitN(snapshot, ":", 3)
	if len(parts) < 3 {
		return false
	}
	if end, err := strconv.ParseUint(parts[1], 10, 64); err != nil || int32(xid-uint32(end)) >= 0 { // numbers turn around
		return false
	}
	for text := range strings.SplitSeq(parts[2], ",") {
		if running, err := strconv.ParseUint(text, 10, 64); err == nil && uint32(running) == xid { // the lower half
			return false
		}
	}
	return true
}
