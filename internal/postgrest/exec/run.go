package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// stepKind is the purpose of a group of messages.
type stepKind int

const (
	stepControl   stepKind = iota // BEGIN, COMMIT, settings: rows are thrown away
	stepMain                      // rows are kept
	stepAssembled                 // rows become JSON
	stepStreamed                  // rows are left to the cursor
	stepPrepare
	stepClose
)

type step struct {
	kind      stepKind
	statement *preparedStatement
	made      bool // the statement was made by the same run
	body      int  // the column that may be large; -1 for none
}

// run is one script under way on one connection.
type run struct {
	*session
	role    string
	out     []byte // messages to write
	steps   []step // the groups that were sent
	taken   int    // steps whose answers were read
	afresh  bool   // prepared statements are not to be trusted: all are sent whole
	pending int    // statements being prepared, less those being closed
	weight  int    // bytes of their SQL
	tidying bool   // the answer to that is being read
	tidy    bool   // a transaction behind the script's own undoes the settings it leaves
	synced  bool
	bound   bool        // the current step's values were accepted
	ran     bool        // one of the main statements may have run
	failed  bool        // the server refused something: it skips all up to the Sync
	broken  bool        // the connection is of no more use
	ended   bool        // all was read that will ever be
	shared  bool        // others were sent behind it, or it behind others
	stop    func() bool // ends the watch of the request, see session.watch; nil = there is none
	results []query.Result
	columns []string // of the streamed statement, once read reached it
	text    answer.Text
	values  [][]byte // of the parameters of the statement that is being written
	formats []int16

	main *preparedStatement // the first of a light script
	sent time.Time          // when there was one
}

// runs are those that ended, to be used again for their buffers.
var runs = sync.Pool{New: func() any { return new(run) }}

func newRun(s *session, role string) *run {
	r := runs.Get().(*run)
	r.session, r.role = s, role
	r.text.Memory = s.answers
	return r
}

// recycle is the last that is done with a run.
func (r *run) recycle() {
	r.text.Drop()
	clear(r.steps)
	clear(r.values[:cap(r.values)])
	*r = run{out: r.out[:0], steps: r.steps[:0], values: r.values[:0], formats: r.formats[:0]}
	runs.Put(r)
}

// newWatchedRun returns a run that the server is asked to cancel when ctx ends.
func newWatchedRun(ctx context.Context, s *session, role string) *run {
	r := newRun(s, role)
	r.stop = s.watch(ctx)
	return r
}

// finish reads the answer, and leaves the connection to the next.
func (r *run) finish() ([]query.Result, error) {
	err := r.read()
	if endErr := r.end(); err == nil {
		err = endErr
	}
	if err == nil && len(r.results) > 0 {
		r.results[0].Held = r.text.Settle()
	}
	return r.results, err
}

// start sends the script and reads the answer up to a streamed statement.
func (r *run) start(s *query.Script) error {
	if err := r.send(s, nil); err != nil {
		return err
	}
	return r.read()
}

// send sends the whole script; with a check all but its end waits for that.
func (r *run) send(s *query.Script, check query.Check) error {
	if err := r.encode(s, check); err != nil {
		return err
	}
	if r.main != nil {
		r.sent = time.Now()
	}
	return r.write()
}

// encode writes down the messages to send, up to the Sync.
func (r *run) encode(s *query.Script, check query.Check) error {
	explicit := s.Tx.Isolation != "" || s.Tx.Rollback || check != nil
	if explicit {
		if err := r.control(begin(s.Tx)); err != nil {
			return err
		}
	}
	r.growFor(s)
	r.results = make([]query.Result, 0, len(s.Main))
	r.tidy = r.direct && !light(s)
	if err := r.encodeScript(s); err != nil {
		return err
	}
	if check != nil {
		if err := r.confirm(check); err != nil {
			return err
		}
	}
	if explicit {
		if err := r.control(end(s.Tx)); err != nil {
			return err
		}
	}
	return r.sync()
}

// growFor is for large values: a buffer that grows by itself copies them again.
func (r *run) growFor(s *query.Script) {
	size := 0
	for i := range s.Main {
		size += s.Main[i].Size()
	}
	if size > keptBuffer {
		r.out = slices.Grow(r.out, size+keptBuffer)
	}
}

func (r *run) encodeScript(s *query.Script) error {
	if err := r.reset(); err != nil {
		return err
	}
	if err := r.ask(&s.Settings, stepControl); err != nil {
		return err
	}
	if !s.PreRequest.IsZero() {
		if err := r.ask(&s.PreRequest, stepControl); err != nil {
			return err
		}
	}
	for i := range s.Main {
		kind := stepMain
		switch {
		case s.Streams && i == s.Streamed:
			kind = stepStreamed
		case s.Main[i].Assemble:
			kind = stepAssembled
		}
		if err := r.ask(&s.Main[i], kind); err != nil {
			return err
		}
		if i == 0 && s.Light {
			r.main = r.steps[len(r.steps)-1].statement
		}
	}
	if s.Tx.Rollback {
		// Deferred constraints speak up now or never.
		if err := r.control("SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return err
		}
	}
	if !r.direct && !light(s) {
		return r.tidyWithin()
	}
	return nil
}

// confirm reads the answers so far and lets check decide; only then is the
// transaction ended, which costs the second round trip.
func (r *run) confirm(check query.Check) error {
	if err := r.wrote((&pgproto3.Flush{}).Encode(r.out)); err != nil {
		return err
	}
	if err := r.write(); err != nil {
		return err
	}
	if err := r.read(); err != nil {
		return err
	}
	return check(r.results)
}

func begin(tx query.Tx) string {
	const read = "BEGIN READ ONLY"
	if tx.ReadOnly && tx.Isolation == "" {
		return read
	}
	sql := "BEGIN"
	if tx.Isolation != "" {
		sql += " ISOLATION LEVEL " + tx.Isolation
	}
	if tx.ReadOnly {
		sql += " READ ONLY"
	}
	return sql
}

func end(tx query.Tx) string {
	if tx.Rollback {
		return "ROLLBACK"
	}
	return "COMMIT"
}

// control asks for a statement that is the same for every role.
func (r *run) control(sql string) error {
	return r.askAs("", &query.Statement{SQL: sql, BinaryColumn: -1}, stepControl)
}

func (r *run) ask(s *query.Statement, kind stepKind) error { return r.askAs(r.role, s, kind) }

// askAs encodes the messages of one statement, and of its preparation if the
// server does not have it yet.
func (r *run) askAs(role string, s *query.Statement, kind stepKind) error {
	before := len(r.steps)
	prepared, err := r.prepared(statementKey{role: role, sql: s.SQL})
	if err != nil {
		return err
	}
	// For the names and types of the columns. Another that shares the session may
	// have made the statement again meanwhile, with others.
	describe := kind == stepStreamed || kind == stepAssembled && (prepared.shape == nil || !r.direct)
	if plain := len(s.Args) == 0 && s.BinaryColumn < 0 && !describe && prepared.name != ""; plain {
		err = r.plain(prepared)
	} else {
		err = r.execute(prepared.name, s, describe)
	}
	r.steps = append(r.steps, step{kind: kind, statement: prepared, body: s.BinaryColumn, made: len(r.steps) > before})
	return err
}

// execute encodes the messages that run a statement with its values.
func (r *run) execute(name string, s *query.Statement, describe bool) error {
	values, formats := r.bind(s.Args)
	results := r.resultFormats(s)
	err := r.wrote((&pgproto3.Bind{
		PreparedStatement: name, Parameters: values, ParameterFormatCodes: formats, ResultFormatCodes: results,
	}).Encode(r.out))
	if err == nil && describe {
		err = r.wrote((&pgproto3.Describe{ObjectType: 'P'}).Encode(r.out))
	}
	if err == nil {
		err = r.wrote((&pgproto3.Execute{}).Encode(r.out))
	}
	return err
}

// plain is execute for a statement without values, which is the same each time.
func (r *run) plain(p *preparedStatement) error {
	if p.plain == nil {
		before := len(r.out)
		if err := r.execute(p.name, &query.Statement{BinaryColumn: -1}, false); err != nil {
			return err
		}
		p.plain = slices.Clone(r.out[before:])
		return nil
	}
	r.out = append(r.out, p.plain...)
	return nil
}

// prepared returns the statement to bind, after asking for it to be made if
// the server does not have it.
func (r *run) prepared(key statementKey) (*preparedStatement, error) {
	named := r.known != nil && !r.afresh
	if named {
		if known, ok := r.known.find(key); ok {
			return known, nil
		}
	}
	p := &preparedStatement{key: key}
	if named {
		p.sight = r.seen.of(key)
		if len(key.sql) <= longestNamed && r.seen.has(p.sight) {
			if err := r.makeRoom(len(key.sql)); err != nil {
				return nil, err
			}
			p.name, p.sight = key.name(), 0
		}
	}
	r.steps = append(r.steps, step{kind: stepPrepare, statement: p})
	return p, r.wrote((&pgproto3.Parse{Name: p.name, Query: key.sql}).Encode(r.out))
}

// makeRoom closes statements until there is room for one with size bytes of SQL.
func (r *run) makeRoom(size int) error {
	r.pending, r.weight = r.pending+1, r.weight+size
	for r.known.full(r.pending, r.weight) {
		victim := r.known.victim()
		if victim == nil {
			return nil
		}
		victim.closing = true
		r.pending, r.weight = r.pending-1, r.weight-len(victim.key.sql)
		r.steps = append(r.steps, step{kind: stepClose, statement: victim})
		if err := r.wrote((&pgproto3.Close{ObjectType: 'S', Name: victim.name}).Encode(r.out)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) sync() error {
	r.synced = true
	if err := r.wrote((&pgproto3.Sync{}).Encode(r.out)); err != nil || !r.tidy {
		return err
	}
	sql := tidySession
	if r.prepares {
		sql = tidySession + tidyPrepared
	}
	return r.wrote((&pgproto3.Query{String: sql}).Encode(r.out))
}

// keptBuffer is the size up to which a write buffer is kept for the next request.
const keptBuffer = 64 << 10

// wrote takes the messages with one more behind them, as Encode returns them: the
// message itself, known by its type, needs no memory of its own.
func (r *run) wrote(out []byte, err error) error {
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	r.out = out
	return nil
}

// errClosed says that nothing was sent.
var errClosed = errors.New("the connection was closed before it was used")

// write sends all messages at once.
func (r *run) write() error {
	if r.conn.IsClosed() { // its first question was canceled: the driver still reads from it
		r.broken = true
		return errClosed
	}
	_, err := r.conn.Conn().Write(r.out)
	if r.out = r.out[:0]; cap(r.out) > keptBuffer {
		r.out = nil
	}
	if err != nil {
		r.broken = true
		return fmt.Errorf("send statements: %w", err)
	}
	return nil
}

// read takes the answers to all that was sent, in order, up to a streamed
// statement if there is one ahead.
func (r *run) read() error {
	for r.taken < len(r.steps) {
		current := r.steps[r.taken]
		r.taken++
		r.bound = false
		if err := r.take(current); err != nil {
			return r.doubt(current, err)
		}
		if p := current.statement; p.sight != 0 && current.kind != stepPrepare {
			r.seen.add(p.sight)
		}
		if current.kind == stepStreamed {
			return nil
		}
	}
	return nil
}

// next reads one message and notes the error that it may be.
func (r *run) next() (pgproto3.BackendMessage, error) {
	message, err := r.receive()
	if err == nil {
		return message, nil
	}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok && !fatal(server) {
		r.failed = true
	} else {
		r.broken = true
	}
	return nil, err
}

// take reads the answer to one step.
func (r *run) take(s step) error {
	if s.kind == stepAssembled {
		return r.assemble(s.statement)
	}
	var result query.Result
	for {
		message, err := r.next()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.ParseComplete:
			if s.statement.name != "" {
				r.known.add(s.statement)
			}
			return nil
		case *pgproto3.CloseComplete:
			r.known.remove(s.statement.key)
			return nil
		case *pgproto3.BindComplete:
			r.bound, r.ran = true, r.ran || s.kind != stepControl
		case *pgproto3.RowDescription:
			r.columns = columnNames(m)
			return nil
		case *pgproto3.DataRow:
			if s.kind == stepMain {
				if err := r.keep(&result, m.Values); err != nil {
					return err
				}
			}
		case *largeRow:
			if err := r.takeLarge(s, m, &result); err != nil {
				return err
			}
		case *pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse:
			if s.kind == stepMain {
				r.results = append(r.results, result)
			}
			return nil
		default:
			r.broken = true
			return fmt.Errorf("BUG: unexpected answer %T", message)
		}
	}
}

func columnNames(m *pgproto3.RowDescription) []string {
	names := make([]string, len(m.Fields))
	for i := range m.Fields {
		names[i] = string(m.Fields[i].Name)
	}
	return names
}
