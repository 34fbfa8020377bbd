package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Result holds the rows of one main statement; a value is nil for NULL.
type Result struct {
	Rows [][][]byte
}

// stepKind says what a message group of the pipeline was sent for.
type stepKind int

const (
	stepControl  stepKind = iota // BEGIN, COMMIT, settings: rows are thrown away
	stepMain                     // rows are kept
	stepStreamed                 // rows are left to the cursor
	stepPrepare
	stepClose
)

type step struct {
	kind stepKind
	key  statementKey // of the prepared statement, if it is one
	name string       // of stepPrepare
}

// flight is one script under way on one connection.
type flight struct {
	conn     *pgconn.PgConn
	pipeline *pgconn.Pipeline
	known    *statements // nil: unnamed statements only
	role     string
	steps    []step // sent, answer not yet read
	pending  int    // statements being prepared
	synced   bool
	results  []Result
	streamed *pgconn.ResultReader // set when read reached the streamed statement
}

// fly sends s in one round trip and reads what comes back. judge, when not nil,
// sees the results before they are committed; its error undoes them.
func fly(ctx context.Context, conn *pgconn.PgConn, known *statements, s *query.Script, judge Judge) ([]Result, error) {
	f := &flight{conn: conn, pipeline: conn.StartPipeline(ctx), known: known, role: s.Role}
	f.steps = make([]step, 0, 2*len(s.Main)+4)
	err := f.run(s, judge)
	if closeErr := f.land(ctx); err == nil {
		err = closeErr
	}
	return f.results, err
}

func (f *flight) run(s *query.Script, judge Judge) error {
	if err := f.sendAll(s, judge); err != nil {
		return err
	}
	return f.read()
}

// sendAll sends the whole script; with a judge all but its end waits for him.
func (f *flight) sendAll(s *query.Script, judge Judge) error {
	explicit := s.Tx.Isolation != "" || s.Tx.Rollback || judge != nil
	if explicit {
		f.control(begin(s.Tx))
	}
	f.send(s.Settings, stepControl)
	if !s.PreRequest.IsZero() {
		f.send(s.PreRequest, stepControl)
	}
	for i, statement := range s.Main {
		kind := stepMain
		if s.Streams && i == s.Streamed {
			kind = stepStreamed
		}
		f.send(statement, kind)
	}
	if s.Tx.Rollback {
		// Deferred constraints speak up now or never.
		f.control("SET CONSTRAINTS ALL IMMEDIATE")
	}
	if judge != nil {
		if err := f.hear(judge); err != nil {
			return err
		}
	}
	if explicit {
		f.control(end(s.Tx))
	}
	return f.sync()
}

// hear reads what was asked so far and lets judge decide; only then is the
// transaction ended, which costs the second round trip.
func (f *flight) hear(judge Judge) error {
	f.pipeline.SendFlushRequest()
	if err := f.pipeline.Flush(); err != nil {
		return fmt.Errorf("send statements: %w", err)
	}
	if err := f.read(); err != nil {
		return err
	}
	return judge(f.results)
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

func (f *flight) control(sql string) {
	f.pipeline.SendQueryParams(sql, nil, nil, nil, nil)
	f.steps = append(f.steps, step{kind: stepControl})
}

func (f *flight) send(s query.Statement, kind stepKind) {
	values, formats := bound(s.Args)
	if f.known == nil {
		f.pipeline.SendQueryParams(s.SQL, values, nil, formats, resultFormats(s))
		f.steps = append(f.steps, step{kind: kind})
		return
	}
	key := statementKey{role: f.role, sql: s.SQL}
	if description := f.known.find(key); description != nil {
		f.pipeline.SendQueryStatement(description, values, formats, resultFormats(s))
	} else {
		f.pipeline.SendQueryPrepared(f.prepare(key), values, formats, resultFormats(s))
	}
	f.steps = append(f.steps, step{kind: kind, key: key})
}

// prepare sends the statement's text, after making room for it.
func (f *flight) prepare(key statementKey) string {
	if victim := f.known.victim(f.pending); victim != nil {
		f.pipeline.SendDeallocate(victim.description.Name)
		f.steps = append(f.steps, step{kind: stepClose, key: victim.key})
	}
	name := f.known.nextName()
	f.pipeline.SendPrepare(name, key.sql, nil)
	f.steps = append(f.steps, step{kind: stepPrepare, key: key, name: name})
	f.pending++
	return name
}

func (f *flight) sync() error {
	f.synced = true
	if err := f.pipeline.Sync(); err != nil {
		return fmt.Errorf("send statements: %w", err)
	}
	return nil
}

// read takes the answers to all that was sent, in order, up to a streamed
// statement if there is one ahead.
func (f *flight) read() error {
	for len(f.steps) > 0 {
		current := f.steps[0]
		f.steps = f.steps[1:]
		answer, err := f.pipeline.GetResults()
		if err == nil {
			err = f.take(current, answer)
		}
		if err != nil {
			f.doubt(current, err)
			return err
		}
		if current.kind == stepStreamed {
			return nil
		}
	}
	return nil
}

// doubt strikes from the books what the server no longer knows, or knows with
// columns that have changed since.
func (f *flight) doubt(s step, err error) {
	switch {
	case f.known == nil:
	case lostStatement(err):
		f.known.clear()
	case changedStatement(err):
		f.known.remove(s.key)
	}
}

func (f *flight) take(s step, answer any) error {
	switch answer := answer.(type) {
	case *pgconn.StatementDescription:
		answer.Name = s.name
		f.known.add(s.key, answer)
		f.pending--
	case *pgconn.CloseComplete:
		f.known.remove(s.key)
	case *pgconn.ResultReader:
		if s.kind == stepStreamed {
			f.streamed = answer
			return nil
		}
		if s.kind != stepMain {
			_, err := answer.Close()
			return err
		}
		result, err := collect(answer)
		f.results = append(f.results, result)
		return err
	default:
		return fmt.Errorf("BUG: unexpected answer %T in the pipeline", answer)
	}
	return nil
}

// collect copies the rows out of the connection's read buffer.
func collect(reader *pgconn.ResultReader) (Result, error) {
	var result Result
	for reader.NextRow() {
		values := reader.Values()
		row := make([][]byte, len(values))
		for i, value := range values {
			if value != nil {
				row[i] = append(make([]byte, 0, len(value)), value...)
			}
		}
		result.Rows = append(result.Rows, row)
	}
	_, err := reader.Close()
	return result, err
}

// land leaves the connection idle and clean, whatever happened in the air.
// Its error is that of the commit: a deferred constraint fails only there.
func (f *flight) land(ctx context.Context) error {
	if !f.synced {
		// The transaction is open: an explicit one that must not commit.
		f.pipeline.SendQueryParams("ROLLBACK", nil, nil, nil, nil)
		if err := f.sync(); err != nil {
			return errors.Join(err, f.pipeline.Close())
		}
	}
	err := f.pipeline.Close()
	if !f.conn.IsClosed() && f.conn.TxStatus() != 'I' {
		if _, rollbackErr := f.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK").ReadAll(); rollbackErr != nil {
			return errors.Join(err, rollbackErr)
		}
	}
	return err
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
			formats[i] = pgxBinary
		}
	}
	return values, formats
}

// pgxBinary is the wire protocol's code of the binary format.
const pgxBinary = 1

func resultFormats(s query.Statement) []int16 {
	if s.BinaryColumn < 0 || s.BinaryColumn >= s.Columns {
		return nil
	}
	formats := make([]int16, s.Columns)
	formats[s.BinaryColumn] = pgxBinary
	return formats
}
