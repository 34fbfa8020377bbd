package exec

import (
	"container/list"
	"strconv"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/exec/rowjson"
)

// statementKey names a prepared statement. The role is part of it: PostgreSQL
// plans a statement under row level security for one role and plans it again
// each time the role changes, which costs several times what the query does.
type statementKey struct {
	role, sql string
}

// preparedStatement is one that the server has, or is being given.
type preparedStatement struct {
	key   statementKey
	name  string         // "" for the unnamed one
	shape *rowjson.Shape // of an assembled one, once it was described
	size  int            // of what was last assembled
	took  time.Duration  // of late, from sending to the end of the answer; 0 = not known
}

// statements are the prepared statements of one connection, the least recently
// used first to go. It belongs to whoever holds the connection, or the lock of
// the formation that does.
type statements struct {
	limit  int
	serial int
	byKey  map[statementKey]*list.Element
	recent *list.List // front = used last; values are *preparedStatement
}

func newStatements(limit int) *statements {
	return &statements{limit: limit, byKey: make(map[statementKey]*list.Element), recent: list.New()}
}

// find returns a statement that the server has.
func (s *statements) find(key statementKey) (_ *preparedStatement, ok bool) {
	element, ok := s.byKey[key]
	if !ok {
		return nil, false
	}
	s.recent.MoveToFront(element)
	return element.Value.(*preparedStatement), true
}

// nextName is never used twice on a connection, so that a statement whose
// removal was skipped by an error cannot collide.
func (s *statements) nextName() string {
	s.serial++
	return "romashka_" + strconv.Itoa(s.serial)
}

// victim is the statement to close before another is made, when pending ones
// are being made already; nil while there is room.
func (s *statements) victim(pending int) *preparedStatement {
	if s.recent.Len()+pending < s.limit {
		return nil
	}
	element := s.recent.Back()
	for range pending {
		if element != nil {
			element = element.Prev()
		}
	}
	if element == nil {
		return nil
	}
	return element.Value.(*preparedStatement)
}

func (s *statements) add(p *preparedStatement) { s.byKey[p.key] = s.recent.PushFront(p) }

func (s *statements) remove(key statementKey) {
	if element, ok := s.byKey[key]; ok {
		s.recent.Remove(element)
		delete(s.byKey, key)
	}
}

// clear drops the books of a connection whose server lost its statements.
func (s *statements) clear() {
	clear(s.byKey)
	s.recent.Init()
}
