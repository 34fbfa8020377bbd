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

// stepKind says what a group of messages was sent for.
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
	made      bool // the statement was made by the same flight
	body      int  // the column that may be large; -1 for none
}

// flight is one script under way on one connection.
type flight struct {
	*session
	role    string
	out     []byte // messages to write
	steps   []step // what was asked
	taken   int    // steps whose answers were read
	afresh  bool   // prepared statements are not to be trusted: all are sent whole
	pending int    // statements being prepared, less those being closed
	weight  int    // bytes of their SQL
	tidying bool   // the answer to that is being read
	tidy    bool   // a transaction behind the script's own undoes what that leaves
	synced  bool
	bound   bool // the current step's values were accepted
	ran     bool // one of the main statements may have run
	failed  bool // the server refused something: it skips all up to the Sync
	broken  bool // the connection is of no more use
	landed  bool // all was read that will ever be
	unwatch func() bool
	results []query.Result
	columns []string // of the streamed statement, once read reached it
	text    answer.Text

	main      *preparedStatement // the one that is assembled
	sent      time.Time          // when there was an assembled one
	formation *formation         // nil: it flies alone
	behind    bool               // another had the connection first
	patience  time.Duration      // until it is flown again, alone
	left      bool               // nobody waits for the answer any more
	turn      chan bool          // says that the answer is next, or will not come; kept
}

// flights are those that have landed, to be used again for their buffers.
var flights = sync.Pool{New: func() any { return &flight{turn: make(chan bool, 1)} }}

func newFlight(s *session, role string) *flight {
	f := flights.Get().(*flight)
	f.session, f.role = s, role
	f.text.Memory = s.answers
	return f
}

// recycle is the last that is done with a flight.
func (f *flight) recycle() {
	f.text.Drop()
	clear(f.steps)
	*f = flight{out: f.out[:0], steps: f.steps[:0], turn: f.turn}
	flights.Put(f)
}

func takeOff(ctx context.Context, s *session, role string) *flight {
	f := newFlight(s, role)
	f.unwatch = s.watch(ctx)
	return f
}

// finish reads what comes back, and leaves the connection to the next.
func (f *flight) finish() ([]query.Result, error) {
	err := f.read()
	if landErr := f.land(); err == nil {
		err = landErr
	}
	if err == nil && len(f.results) > 0 {
		f.results[0].Held = f.text.Settle()
	}
	return f.results, err
}

func (f *flight) run(s *query.Script) error {
	if err := f.send(s, nil); err != nil {
		return err
	}
	return f.read()
}

// send sends the whole script; with a check all but its end waits for that.
func (f *flight) send(s *query.Script, check query.Check) error {
	if err := f.encode(s, check); err != nil {
		return err
	}
	if f.main != nil {
		f.sent = time.Now()
	}
	return f.write()
}

// encode writes down what is to be sent, up to the Sync.
func (f *flight) encode(s *query.Script, check query.Check) error {
	explicit := s.Tx.Isolation != "" || s.Tx.Rollback || check != nil
	if explicit {
		if err := f.control(begin(s.Tx)); err != nil {
			return err
		}
	}
	f.growFor(s)
	f.tidy = f.direct && !light(s)
	if err := f.encodeScript(s); err != nil {
		return err
	}
	if check != nil {
		if err := f.confirm(check); err != nil {
			return err
		}
	}
	if explicit {
		if err := f.control(end(s.Tx)); err != nil {
			return err
		}
	}
	return f.sync()
}

// growFor is for large values: a buffer that grows by itself copies them again.
func (f *flight) growFor(s *query.Script) {
	size := 0
	for i := range s.Main {
		size += s.Main[i].Size()
	}
	if size > keptBuffer {
		f.out = slices.Grow(f.out, size+keptBuffer)
	}
}

func (f *flight) encodeScript(s *query.Script) error {
	if err := f.reset(); err != nil {
		return err
	}
	if err := f.ask(&s.Settings, stepControl); err != nil {
		return err
	}
	if !s.PreRequest.IsZero() {
		if err := f.ask(&s.PreRequest, stepControl); err != nil {
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
		if err := f.ask(&s.Main[i], kind); err != nil {
			return err
		}
	}
	if s.Tx.Rollback {
		// Deferred constraints speak up now or never.
		if err := f.control("SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return err
		}
	}
	if !f.direct && !light(s) {
		return f.tidyWithin()
	}
	return nil
}

// confirm reads what was asked so far and lets check decide; only then is the
// transaction ended, which costs the second round trip.
func (f *flight) confirm(check query.Check) error {
	if err := f.put(&pgproto3.Flush{}); err != nil {
		return err
	}
	if err := f.write(); err != nil {
		return err
	}
	if err := f.read(); err != nil {
		return err
	}
	return check(f.results)
}

func begin(tx query.Tx) string {
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

// control asks for what is the same for every role.
func (f *flight) control(sql string) error {
	return f.askAs("", &query.Statement{SQL: sql, BinaryColumn: -1}, stepControl)
}

func (f *flight) ask(s *query.Statement, kind stepKind) error { return f.askAs(f.role, s, kind) }

// askAs encodes the messages of one statement, and of its preparation if the
// server does not have it yet.
func (f *flight) askAs(role string, s *query.Statement, kind stepKind) error {
	before := len(f.steps)
	prepared, err := f.prepared(statementKey{role: role, sql: s.SQL})
	if err != nil {
		return err
	}
	// For the names and types of the columns. Who shares a session may have made
	// the statement again meanwhile, with others.
	describe := kind == stepStreamed || kind == stepAssembled && (prepared.shape == nil || !f.direct)
	if plain := len(s.Args) == 0 && s.BinaryColumn < 0 && !describe && prepared.name != ""; plain {
		err = f.plain(prepared)
	} else {
		err = f.execute(prepared.name, s, describe)
	}
	f.steps = append(f.steps, step{kind: kind, statement: prepared, body: s.BinaryColumn, made: len(f.steps) > before})
	if kind == stepAssembled {
		f.main = prepared
	}
	return err
}

// execute encodes what runs a statement with its values.
func (f *flight) execute(name string, s *query.Statement, describe bool) error {
	values, formats := bound(s.Args)
	err := f.put(&pgproto3.Bind{
		PreparedStatement: name, Parameters: values, ParameterFormatCodes: formats, ResultFormatCodes: resultFormats(s),
	})
	if err == nil && describe {
		err = f.put(&pgproto3.Describe{ObjectType: 'P'})
	}
	if err == nil {
		err = f.put(&pgproto3.Execute{})
	}
	return err
}

// plain is execute for a statement without values, which is the same each time.
func (f *flight) plain(p *preparedStatement) error {
	if p.plain == nil {
		before := len(f.out)
		if err := f.execute(p.name, &query.Statement{BinaryColumn: -1}, false); err != nil {
			return err
		}
		p.plain = slices.Clone(f.out[before:])
		return nil
	}
	f.out = append(f.out, p.plain...)
	return nil
}

// prepared returns the statement to bind, after asking for it to be made if
// the server does not have it.
func (f *flight) prepared(key statementKey) (*preparedStatement, error) {
	p := &preparedStatement{key: key}
	if f.known != nil && !f.afresh {
		if known, ok := f.known.find(key); ok {
			return known, nil
		}
		p.sight = f.seen.of(key)
		if len(key.sql) <= longestNamed && f.seen.has(p.sight) {
			if err := f.makeRoom(len(key.sql)); err != nil {
				return nil, err
			}
			p.name, p.sight = key.name(), 0
		}
	}
	f.steps = append(f.steps, step{kind: stepPrepare, statement: p})
	return p, f.put(&pgproto3.Parse{Name: p.name, Query: key.sql})
}

// makeRoom closes statements until there is room for one with size bytes of SQL.
func (f *flight) makeRoom(size int) error {
	f.pending, f.weight = f.pending+1, f.weight+size
	for f.known.full(f.pending, f.weight) {
		victim := f.known.victim()
		if victim == nil {
			return nil
		}
		victim.closing = true
		f.pending, f.weight = f.pending-1, f.weight-len(victim.key.sql)
		f.steps = append(f.steps, step{kind: stepClose, statement: victim})
		if err := f.put(&pgproto3.Close{ObjectType: 'S', Name: victim.name}); err != nil {
			return err
		}
	}
	return nil
}

func (f *flight) sync() error {
	f.synced = true
	if err := f.put(&pgproto3.Sync{}); err != nil || !f.tidy {
		return err
	}
	if f.prepares {
		return f.put(&pgproto3.Query{String: tidySession + tidyPrepared})
	}
	return f.put(&pgproto3.Query{String: tidySession})
}

// keptBuffer is the size up to which a write buffer is kept for the next request.
const keptBuffer = 64 << 10

// put encodes a message behind the others.
func (f *flight) put(m pgproto3.FrontendMessage) error {
	out, err := m.Encode(f.out)
	if err != nil {
		return fmt.Errorf("encode %T: %w", m, err)
	}
	f.out = out
	return nil
}

// errClosed: nothing was sent.
var errClosed = errors.New("the connection was closed before it was used")

// write sends all messages at once.
func (f *flight) write() error {
	if f.conn.IsClosed() { // its first question was canceled: the driver still reads from it
		f.broken = true
		return errClosed
	}
	_, err := f.conn.Conn().Write(f.out)
	if f.out = f.out[:0]; cap(f.out) > keptBuffer {
		f.out = nil
	}
	if err != nil {
		f.broken = true
		return fmt.Errorf("send statements: %w", err)
	}
	return nil
}

// read takes the answers to all that was sent, in order, up to a streamed
// statement if there is one ahead.
func (f *flight) read() error {
	for f.taken < len(f.steps) {
		current := f.steps[f.taken]
		f.taken++
		f.bound = false
		if err := f.take(current); err != nil {
			return f.doubt(current, err)
		}
		if p := current.statement; p.sight != 0 && current.kind != stepPrepare {
			f.seen.add(p.sight)
		}
		if current.kind == stepStreamed {
			return nil
		}
	}
	return nil
}

// next reads one message and keeps the books on what went wrong.
func (f *flight) next() (pgproto3.BackendMessage, error) {
	message, err := f.receive()
	if err == nil {
		return message, nil
	}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok && !fatal(server) {
		f.failed = true
	} else {
		f.broken = true
	}
	return nil, err
}

// take reads the answer to one step.
func (f *flight) take(s step) error {
	if s.kind == stepAssembled {
		return f.assemble(s.statement)
	}
	var result query.Result
	for {
		message, err := f.next()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.ParseComplete:
			if s.statement.name != "" {
				f.known.add(s.statement)
			}
			return nil
		case *pgproto3.CloseComplete:
			f.known.remove(s.statement.key)
			return nil
		case *pgproto3.BindComplete:
			f.bound, f.ran = true, f.ran || s.kind != stepControl
		case *pgproto3.RowDescription:
			f.columns = columnNames(m)
			return nil
		case *pgproto3.DataRow:
			if s.kind == stepMain {
				if err := f.keep(&result, m.Values); err != nil {
					return err
				}
			}
		case *largeRow:
			if err := f.takeLarge(s, m, &result); err != nil {
				return err
			}
		case *pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse:
			if s.kind == stepMain {
				f.results = append(f.results, result)
			}
			return nil
		default:
			f.broken = true
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

func bound(args []query.Arg) (values [][]byte, formats []int16) {
	if len(args) == 0 {
		return nil, nil
	}
	values = make([][]byte, len(args))
	for i, arg := range args {
		values[i] = arg.Value
		if arg.Binary && formats == nil {
			formats = make([]int16, len(args))
		}
		if arg.Binary {
			formats[i] = pgproto3.BinaryFormat
		}
	}
	return values, formats
}

func resultFormats(s *query.Statement) []int16 {
	if s.BinaryColumn < 0 || s.BinaryColumn >= s.Columns {
		return nil
	}
	formats := make([]int16, s.Columns)
	formats[s.BinaryColumn] = pgproto3.BinaryFormat
	return formats
}
