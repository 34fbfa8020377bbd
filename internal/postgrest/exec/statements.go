package exec

import (
	"container/list"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// statementKey names a prepared statement. The role is part of it: PostgreSQL
// plans a statement under row level security for one role and plans it again
// each time the role changes, which costs several times what the query does.
type statementKey struct {
	role, sql string
}

type preparedStatement struct {
	key         statementKey
	description *pgconn.StatementDescription
}

// statements are the prepared statements of one connection, the least recently
// used first to go. It belongs to whoever holds the connection: no lock.
type statements struct {
	limit  int
	serial int
	byKey  map[statementKey]*list.Element
	recent *list.List // front = used last; values are *preparedStatement
}

// statementsKey is where a connection keeps its statements in CustomData.
const statementsKey = "romashka.statements"

// statementsOf returns the statements of a connection, none at first.
func statementsOf(conn *pgconn.PgConn, limit int) *statements {
	if known, ok := conn.CustomData()[statementsKey].(*statements); ok {
		return known
	}
	fresh := &statements{limit: limit, byKey: make(map[statementKey]*list.Element), recent: list.New()}
	conn.CustomData()[statementsKey] = fresh
	return fresh
}

// clear drops the books of a connection whose server lost its statements.
func (s *statements) clear() {
	clear(s.byKey)
	s.recent.Init()
}

func (s *statements) find(key statementKey) *pgconn.StatementDescription {
	element, ok := s.byKey[key]
	if !ok {
		return nil
	}
	s.recent.MoveToFront(element)
	return element.Value.(*preparedStatement).description
}

// nextName is never used twice on a connection, so that a statement whose
// removal was skipped by an error cannot collide.
func (s *statements) nextName() string {
	s.serial++
	return "romashka_" + strconv.Itoa(s.serial)
}

// victim is the statement to close before another is made; nil while there is room.
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

func (s *statements) add(key statementKey, description *pgconn.StatementDescription) {
	s.byKey[key] = s.recent.PushFront(&preparedStatement{key: key, description: description})
}

func (s *statements) remove(key statementKey) {
	if element, ok := s.byKey[key]; ok {
		s.recent.Remove(element)
		delete(s.byKey, key)
	}
}
