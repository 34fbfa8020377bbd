// Package query turns a plan into SQL text and bound arguments.
//
// It is pure: slices are walked in order, so that equal requests give equal
// text and PostgreSQL can keep one prepared statement for them. It never talks
// to a database and never puts a client's value into the text.
package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// Statement is SQL text with the values of its parameters.
type Statement struct {
	SQL  string
	Args []Arg // $1, $2, ...
	// BinaryColumn is the index of the one result column that is wanted in
	// binary format (the body: json, xml and bytea then arrive as they are);
	// -1 when all are text.
	BinaryColumn int
	// Columns is the number of result columns.
	Columns int
	// Assemble: the rows are to be put together as one JSON array of objects,
	// as json_agg would.
	Assemble bool
}

// Arg is the value of one parameter; PostgreSQL infers its type.
type Arg struct {
	Value  []byte // nil is NULL
	Binary bool   // for bytea, whose text form would double its size
}

// IsZero reports whether there is nothing to run.
func (s Statement) IsZero() bool { return s.SQL == "" }

// Size is that of the values, in bytes.
func (s *Statement) Size() int {
	size := 0
	for i := range s.Args {
		size += len(s.Args[i].Value)
	}
	return size
}

// Tx is the frame that a request's statements run in.
type Tx struct {
	ReadOnly  bool
	Isolation string // "repeatable read", "serializable"; "" is read committed
	Rollback  bool   // nothing that the request did stays
}

// Script is all that one request asks of PostgreSQL, in one transaction.
type Script struct {
	Role string // key of the prepared statements: a role's plans serve that role
	// Authenticated: the role is not the anonymous one; a missing privilege is
	// then 403, not 401.
	Authenticated bool
	Tx            Tx
	Settings      Statement // role, claims and other settings of the transaction
	address       address   // the request's place in it
	PreRequest    Statement // zero when there is none
	Main          []Statement
	Returns       bool // it may change something, and answers with rows or a value
	// Light: Main reads relations, or calls a function that promises to change
	// nothing, and ends with the release of advisory locks.
	Light bool
	// Streams: the rows of Main[Streamed] are handed out one by one.
	Streams  bool
	Streamed int
}

// Addressed returns a copy of s for another request of the same role, plan and
// schema, with the caller's claims and subject and its headers and cookies in the
// settings; NULL for nil claims.
func (s *Script) Addressed(caller Caller, headers, cookies []apirequest.Field) *Script {
	var own struct { // one piece of memory, for as many settings as most have
		script Script
		args   [14]Arg
	}
	own.script = *s
	args := append(own.args[:0], s.Settings.Args...)
	args[s.address.claims].Value = caller.Claims
	if s.address.subject > 0 {
		args[s.address.subject].Value = []byte(caller.subject())
	}
	args[s.address.headers].Value = jsonObject(headers)
	args[s.address.cookies].Value = jsonObject(cookies)
	own.script.Settings.Args = args
	return &own.script
}

// Size is that of the values of the main statements, in bytes.
func (s *Script) Size() int {
	size := 0
	for i := range s.Main {
		size += s.Main[i].Size()
	}
	return size
}

// Result holds the rows of one main statement; a value is nil for NULL. Those
// of an assembled one are in JSON, an array of Count objects.
type Result struct {
	Rows  [][][]byte
	JSON  []byte
	Count int64
	// Rest are further pieces of JSON, or of a large value in a row, see
	// answer.PieceSize.
	Rest [][]byte
	// Held are the bytes that all results of a run take of the memory for
	// answers; they are given back when the answer is sent. Those of the first
	// result count.
	Held int64
}

// Check sees the results of a script before they are committed. An error undoes
// all that the script did.
type Check func(results []Result) error
