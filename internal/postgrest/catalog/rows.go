package catalog

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	catalogsql "github.com/romashka/sidecar/sql"
)

// reader runs the statements of sql/catalog in one transaction.
type reader struct {
	tx pgx.Tx
	// strings holds each distinct string once: of a large catalog's names and
	// types most are repeated many times over.
	strings map[string]string
}

func newReader(tx pgx.Tx) *reader {
	return &reader{tx: tx, strings: make(map[string]string)}
}

// each runs sql/catalog/<file>.sql and calls use for every row. The row is
// valid during the call only.
func (r *reader) each(ctx context.Context, file string, use func(row), args ...any) error {
	text, err := catalogsql.Catalog.ReadFile("catalog/" + file + ".sql")
	if err != nil {
		return fmt.Errorf("load %s: %w", file, err)
	}
	args = append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)
	rows, err := r.tx.Query(ctx, string(text), args...)
	if err != nil {
		return fmt.Errorf("load %s: %w", file, err)
	}
	defer rows.Close()
	for rows.Next() {
		use(row{values: rows.RawValues(), strings: r.strings})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load %s: %w", file, err)
	}
	return nil
}

// row gives typed access to one row in PostgreSQL's binary format. Reading it
// here and not by reflection lets strings be shared without ever being
// allocated twice.
type row struct {
	values  [][]byte
	strings map[string]string
}

func (r row) text(i int) string { return r.intern(r.values[i]) }

// bytes is column i itself, valid until the next row.
func (r row) bytes(i int) []byte { return r.values[i] }

func (r row) bool(i int) bool { return r.values[i][0] != 0 }

func (r row) int32(i int) int32 { return int32(binary.BigEndian.Uint32(r.values[i])) }

func (r row) oid(i int) uint32 { return binary.BigEndian.Uint32(r.values[i]) }

// name reads a schema and the name after it.
func (r row) name(i int) ident.Qualified {
	return ident.Qualified{Schema: r.text(i), Name: r.text(i + 1)}
}

// texts reads a one-dimensional text[] without NULLs; nil when empty.
func (r row) texts(i int) []string {
	var list []string
	eachElement(r.values[i], func(v []byte) { list = append(list, r.intern(v)) })
	return list
}

// int16s reads a one-dimensional int2[] without NULLs.
func (r row) int16s(i int) []int16 {
	var list []int16
	eachElement(r.values[i], func(v []byte) { list = append(list, int16(binary.BigEndian.Uint16(v))) })
	return list
}

// pairs zips two text arrays of one length.
func (r row) pairs(i int) []schemacache.ColumnPair {
	near, far := r.texts(i), r.texts(i+1)
	pairs := make([]schemacache.ColumnPair, len(near))
	for j := range near {
		pairs[j] = schemacache.ColumnPair{Column: near[j], Foreign: far[j]}
	}
	return pairs
}

func (r row) intern(b []byte) string {
	if s, ok := r.strings[string(b)]; ok { // no allocation
		return s
	}
	s := string(b)
	r.strings[s] = s
	return s
}

// eachElement walks an array in binary format: dimensions, flags and element
// type, then length and lower bound of each dimension, then the elements with
// their lengths.
func eachElement(array []byte, use func([]byte)) {
	const header, dimension = 12, 8
	if binary.BigEndian.Uint32(array) == 0 { // no dimension: empty
		return
	}
	for rest := array[header+dimension:]; len(rest) > 0; {
		n := binary.BigEndian.Uint32(rest)
		use(rest[4 : 4+n])
		rest = rest[4+n:]
	}
}
