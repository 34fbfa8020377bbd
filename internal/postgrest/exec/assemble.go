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

// assemble reads the rows of a statement into one JSON array. What it cannot
// write it reads to its end all the same, so that the connection stays of use.
// That of an answer that is refused is closed: the rest may be long.
func (f *flight) assemble(p *preparedStatement) error {
	var result query.Result
	var refused error
	f.text.Begin(p.size + p.size/8 + 16)
	f.text.SetLast(append(f.text.Last(), '['))
	for {
		message, err := f.next()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.BindComplete:
			f.bound, f.ran = true, true
		case *pgproto3.RowDescription:
			if p.shape, refused = shapeOf(m); refused != nil {
				p.shape = nil
			}
		case *pgproto3.DataRow:
			if refused == nil {
				refused = f.addRow(p.shape, m.Values, result.Count == 0)
			}
			result.Count++
		case *largeRow:
			if refused == nil {
				refused = f.addLarge(p.shape, m, result.Count == 0)
			}
			if f.broken = f.broken || !isRefusal(refused) && f.gate.discard() != nil; f.broken {
				return refused
			}
			result.Count++
		case *pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse:
			if refused != nil {
				return fmt.Errorf("%w: %w", ErrNotAssembled, refused)
			}
			return f.endArray(p, result)
		default:
			f.broken = true
			return fmt.Errorf("BUG: unexpected answer %T", message)
		}
		if isRefusal(refused) {
			f.broken = true
			return refused
		}
	}
}

func (f *flight) addRow(shape *rowjson.Shape, values [][]byte, first bool) error {
	if err := f.text.Room(shape.Width(values)); err != nil {
		return err
	}
	text, err := shape.AppendRow(f.text.Last(), values, first)
	f.text.SetLast(text)
	return err
}

func (f *flight) endArray(p *preparedStatement, result query.Result) error {
	f.text.SetLast(append(f.text.Last(), ']'))
	p.size = max(f.text.Size(), p.size/2)
	var err error
	if result.JSON, result.Rest, err = f.text.End(); err != nil {
		f.broken = true
		return err
	}
	f.results = append(f.results, result)
	return nil
}

// isRefusal reports whether there is no memory for an answer.
func isRefusal(err error) bool {
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

// refusals remember the statements that cannot be assembled, by a hash of
// their text: a collision only means that PostgreSQL makes the JSON.
type refusals struct {
	seed maphash.Seed
	set  atomic.Pointer[map[uint64]struct{}] // replaced, never changed
}

// refusalLimit bounds what clients can make us remember.
const refusalLimit = 4096

func (r *refusals) has(sql string) bool {
	set := r.set.Load()
	if set == nil {
		return false
	}
	_, ok := (*set)[maphash.String(r.seed, sql)]
	return ok
}

// add may lose to another that adds at the same time; it will be asked again.
func (r *refusals) add(sql string) {
	next := make(map[uint64]struct{})
	if set := r.set.Load(); set != nil && len(*set) < refusalLimit {
		next = maps.Clone(*set)
	}
	next[maphash.String(r.seed, sql)] = struct{}{}
	r.set.Store(&next)
}
