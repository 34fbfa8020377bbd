package exec

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/exec/rowjson"
)

// statementKey identifies a prepared statement. The role is part of it:
// PostgreSQL plans a statement under row level security for one role and plans
// it again each time the role changes, which costs several times as much as the
// query itself. Types of parameters are not: PostgreSQL infers them from the text.
type statementKey struct {
	role, sql string
}

// name is made of all parts of the statement, and of nothing else: where several
// connections share a session, as behind a pooler, one name never stands for two
// statements.
func (k statementKey) name() string {
	hash := sha256.New()
	hash.Write([]byte(k.role))
	hash.Write([]byte{0}) // in neither: PostgreSQL has no text with it
	hash.Write([]byte(k.sql))
	const bits128 = 16
	return "pgrst_" + hex.EncodeToString(hash.Sum(nil)[:bits128])
}

// preparedStatement is one that the server has, or is being given.
type preparedStatement struct {
	key     statementKey
	name    string         // "" for the unnamed one
	sight   sight          // of an unnamed one; 0 = it is not to be noted
	closing bool           // the server was asked to forget it
	plain   []byte         // messages that run it where it takes no values; nil = not made yet
	shape   *rowjson.Shape // of an assembled one, once it was described
	size    int            // of the last assembled answer
	took    time.Duration  // of late, of a light script, from sending to the end of the answer; 0 = not known
}

const (
	// longestNamed is the length of SQL, in bytes, beyond which a statement is
	// never named. A backend holds some 35 bytes for each of them.
	longestNamed = 16 << 10
	// connectionSQL and allSQL bound the SQL of the named statements of one
	// connection and of all connections of a pool together, in bytes.
	connectionSQL, allSQL = 2 << 20, 32 << 20
)

// statements are the prepared statements of one connection, the least recently
// used first to go. It belongs to the holder of the connection, or of the lock of
// the session that shares it.
type statements struct {
	limit  int // statements
	budget int // bytes of their SQL
	size   int // bytes of the SQL of those there are
	byKey  map[statementKey]*list.Element
	recent *list.List // front = used last; values are *preparedStatement
}

// newStatements is for one of so many connections.
func newStatements(limit, connections int) *statements {
	return &statements{
		limit: limit, budget: max(min(connectionSQL, allSQL/max(connections, 1)), longestNamed),
		byKey: make(map[statementKey]*list.Element), recent: list.New(),
	}
}

// find returns a statement that the server has.
func (s *statements) find(key statementKey) (_ *preparedStatement, ok bool) {
	element, ok := s.byKey[key]
	if !ok {
		return nil, false
	}
	p := element.Value.(*preparedStatement)
	if p.closing {
		return nil, false
	}
	s.recent.MoveToFront(element)
	return p, true
}

// full reports whether there is no room for more statements with size bytes of
// SQL. more and size may be negative, for those that are on their way out.
func (s *statements) full(more, size int) bool {
	return s.recent.Len()+more > s.limit || s.size+size > s.budget
}

// victim is the statement to close before another is made; nil where none is left.
func (s *statements) victim() *preparedStatement {
	for element := s.recent.Back(); element != nil; element = element.Prev() {
		if p := element.Value.(*preparedStatement); !p.closing {
			return p
		}
	}
	return nil
}

func (s *statements) add(p *preparedStatement) {
	s.remove(p.key)
	s.byKey[p.key] = s.recent.PushFront(p)
	s.size += len(p.key.sql)
}

func (s *statements) remove(key statementKey) {
	if element, ok := s.byKey[key]; ok {
		s.recent.Remove(element)
		delete(s.byKey, key)
		s.size -= len(key.sql)
	}
}

// clear is for a connection whose server lost its statements.
func (s *statements) clear() {
	clear(s.byKey)
	s.recent.Init()
	s.size = 0
}
