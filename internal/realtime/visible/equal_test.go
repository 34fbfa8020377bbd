package visible

import (
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/romashka/sidecar/internal/realtime/source"
)

// Only a value that is certain not to be equal rules a row out. The test is of the
// package itself: a Spec is prepared by a database elsewhere.
func TestRulesOut(t *testing.T) {
	t.Parallel()
	known := &table{columns: []column{
		{name: "n", oid: pgtype.Int4OID, exact: true}, {name: "u", oid: pgtype.UUIDOID, exact: true}, {name: "t", oid: pgtype.TextOID, exact: true},
		{name: "loose", oid: pgtype.TextOID}, {name: "f", oid: pgtype.Float8OID, exact: true},
	}}
	row := &source.Change{Fields: []source.Field{
		{Column: "n", Type: pgtype.Int4OID, Text: "7"}, {Column: "u", Type: pgtype.UUIDOID, Text: "0b5c0c3e-0000-4000-8000-00000000000a"},
		{Column: "t", Type: pgtype.TextOID, Text: "Ab"}, {Column: "loose", Type: pgtype.TextOID, Text: "Ab"}, {Column: "f", Type: pgtype.Float8OID, Text: "1"},
		{Column: "changed", Type: pgtype.Int8OID, Text: "1"},
	}}
	for filter, want := range map[string]bool{
		"n=eq.7": false, "n=eq.007": false, "n=eq.8": true, "n=eq.0x7": false, "n=not.eq.8": false, "n=neq.8": false, "n=in.(8)": false,
		"u=eq.0B5C0C3E-0000-4000-8000-00000000000A": false, "u=eq.0b5c0c3e00004000800000000000000a": false, "u=eq.0b5c0c3e-0000-4000-8000-00000000000b": true,
		"t=eq.Ab": false, "t=eq.ab": true, "loose=eq.ab": false, "f=eq.2": false, "n=eq.7,t=eq.x": true, "absent=eq.1": false,
	} {
		filters, err := ParseFilters(filter)
		if err != nil {
			t.Fatal(err)
		}
		s := &Spec{Filters: filters}
		s.compare(known)
		if got := s.RulesOut(row); got != want {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
	s := &Spec{Filters: []Filter{{Column: "changed", Op: "eq", Value: "2"}}}
	s.compare(&table{columns: []column{{name: "changed", oid: pgtype.Int4OID, exact: true}}})
	if s.RulesOut(row) {
		t.Error("a column whose type has changed rules the row out")
	}
}
