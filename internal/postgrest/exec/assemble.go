package exec

import (
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/exec/rowjson"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// ErrNotAssembled says that rows hold something that only PostgreSQL can write
// as JSON. Nothing was changed; the script that asks it for the JSON is to be
// run instead.
var ErrNotAssembled = errors.New("rows cannot be assembled")

// assemble reads the rows of a statement into one JSON array. Rows
// that it cannot write are read to their end all the same, so that the connection
// stays of use. The connection of an answer that is refused is closed: the rest
// may be long.
func (r *run) assemble(p *preparedStatement) error {
	var result query.Result
	var cause error
	r.text.Begin(p.size + p.size/8 + 16)
	r.text.SetLast(append(r.text.Last(), '['))
	for {
		message, err := r.next()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.BindComplete:
			r.bound, r.ran = true, true
		case *pgproto3.RowDescription:
			if p.shape, cause = shapeOf(m); cause != nil {
				p.shape = nil
			}
		case *pgproto3.DataRow:
			if cause == nil {
				cause = r.addRow(p.shape, m.Values, result.Count == 0)
			}
			result.Count++
		case *largeRow:
			if cause == nil {
				cause = r.addLarge(p.shape, m, result.Count == 0)
			}
			if r.broken = r.broken || !isLimit(cause) && r.gate.discard() != nil; r.broken {
				return cause
			}
			result.Count++
		case *pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse:
			if cause != nil {
				return fmt.Errorf("%w: %w", ErrNotAssembled, cause)
			}
			return r.endArray(p, result)
		default:
			r.broken = true
			return fmt.Errorf("BUG: unexpected answer %T", message)
		}
		if isLimit(cause) {
			r.broken = true
			return cause
		}
	}
}

func (r *run) addRow(shape *rowjson.Shape, values [][]byte, first bool) error {
	if err := r.text.Room(shape.Width(values)); err != nil {
		return err
	}
	text, err := shape.AppendRow(r.text.Last(), values, first)
	r.text.SetLast(text)
	return err
}

func (r *run) endArray(p *preparedStatement, result query.Result) error {
	r.text.SetLast(append(r.text.Last(), ']'))
	p.size = max(r.text.Size(), p.size/2)
	var err error
	if result.JSON, result.Rest, err = r.text.End(); err != nil {
		r.broken = true
		return err
	}
	r.results = append(r.results, result)
	return nil
}

// isLimit reports whether there is no memory for an answer.
func isLimit(err error) bool {
	_, ok := errors.AsType[*answer.LimitError](err)
	return ok
}

var errUnknownType = errors.New("a column's type is not known")

func shapeOf(m *pgproto3.RowDescription) (*rowjson.Shape, error) {
	columns := make([]rowjson.Column, len(m.Fields))
	for i := range m.Fields {
		columns[i] = rowjson.Column{Name: string(m.Fields[i].Name), Type: m.Fields[i].DataTypeOID}
	}
	shape, ok := rowjson.New(columns)
	if !ok {
		return nil, errUnknownType
	}
	return shape, nil
}

// unassembled remembers the statements that cannot be assembled, by a hash of
// their text: a collision only means that PostgreSQL makes the JSON.
type unassembled struct {
	seed maphash.Seed
	set  atomic.Pointer[map[uint64]struct{}] // replaced, never changed
}

// maxUnassembled bounds the memory that clients can have us keep.
const maxUnassembled = 4096

func (u *unassembled) has(sql string) bool {
	set := u.set.Load()
	if set == nil {
		return false
	}
	_, ok := (*set)[maphash.String(u.seed, sql)]
	return ok
}

// add may lose to another that adds at the same time; it will be asked again.
func (u *unassembled) add(sql string) {
	next := make(map[uint64]struct{})
	if set := u.set.Load(); set != nil && len(*set) < maxUnassembled {
		next = maps.Clone(*set)
	}
	next[maphash.String(u.seed, sql)] = struct{}{}
	u.set.Store(&next)
}
