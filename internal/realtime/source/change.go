// Package source follows what is written to published tables, and tells of
// each change by its key alone: what a reader may see of the row, the database
// is asked later.
//
// Changes come from logical decoding (pgoutput) over a temporary replication
// slot, which the server drops with the connection: nothing is left behind to
// keep its write-ahead log. What happens while there is no connection is
// therefore missed, and told as missed.
//
// Where wal_level is not logical, or the login may not replicate, triggers note
// the keys of changed rows in romashka.realtime_changes, which is polled. That is
// slower by the poll and costs each writer a row, so a table has its trigger only
// while somebody has subscribed to it, and for ten minutes more. Events are the
// same, but for these:
//
//   - the order: rows of different transactions come in the order in which they
//     were written, not in that of the commits. Changes of one row always come in
//     their own: its lock lets no second writer note before the first has ended;
//   - the time: when a row was written, not when it was committed;
//   - DELETE is told whatever the replica identity: triggers see the key always.
//
// Reasons: a number of a row may be given early and seen late, so a reader asks for
// what its last snapshot did not see, which misses nothing and repeats nothing.
// NOTIFY would carry 8,000 bytes at most, and makes all commits of the database
// queue behind one lock: a poll of an empty table costs less than that. Rows are
// removed when every reader's snapshot has seen them; the table keeps no log,
// since after a crash all is told as missed anyhow.
//
//	Change    one change                                       (change.go)
//	Follower  the service: connect, follow, tell, begin again  (follower.go)
//	stream    one connection that replicates                   (stream.go)
//	decoder   pgoutput's messages -> changes                   (decoder.go)
//	notes     what triggers have noted                         (notes.go)
//	watch     which tables have triggers                       (watch.go)
//
// It never reads a row for anyone, and never decides who may see one.
package source

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Change is one row that was inserted, updated or deleted.
type Change struct {
	OID           uint32 // of the table
	Schema, Table string
	Op            string   // "INSERT", "UPDATE" or "DELETE"
	Key           []string // columns of the primary key; shared, read only
	Values        []string // of Key, as PostgreSQL writes them
	Rekeyed       bool     // an update gave the row another key
	At            time.Time
	XID           uint32 // of the transaction; 0 = it is seen by everybody already
	// Fields are values of the row as it was written: those that are short, of some
	// types, and not NULL, as far as they are known.
	Fields []Field
}

// Field is a value of a column as PostgreSQL writes it.
type Field struct {
	Column string
	Type   uint32 // its oid
	Text   string
}

// Field finds that of a column.
func (c *Change) Field(column string) (f Field, ok bool) {
	for _, f := range c.Fields {
		if f.Column == column {
			return f, true
		}
	}
	return f, false
}

// Comparable reports whether values of a type are equal only where their texts
// are, letter by letter; those of text by a collation that is deterministic.
func Comparable(oid uint32) bool {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.UUIDOID, pgtype.TextOID, pgtype.VarcharOID:
		return true
	}
	return false
}

// Table is a table of a subscription; "*" stands for all.
type Table struct{ Schema, Name string }

// Event is what a Follower tells, in order.
type Event struct {
	Changes []Change
	// Live is set when changes are followed from now on. What was written
	// between Since and then is missed; Since is zero for the first time.
	Live  bool
	Since time.Time
	// Lost is set when following has ended for a while; the time is in Since.
	Lost bool
}
