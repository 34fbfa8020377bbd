// Package source follows what is written to published tables, and tells of
// each change by its key alone: what a reader may see of the row, the database
// is asked later.
//
// Changes come from logical decoding (pgoutput) over a temporary replication
// slot, which the server drops with the connection: nothing is left behind to
// keep its write-ahead log. What happens while there is no connection is
// therefore missed, and told as missed.
//
//	Change    one change                                       (change.go)
//	Follower  the service: connect, follow, tell, begin again  (follower.go)
//	stream    one connection that replicates                   (stream.go)
//	decoder   pgoutput's messages -> changes                   (decoder.go)
//
// It never reads a row for anyone, and never decides who may see one.
package source

import "time"

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
}

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
