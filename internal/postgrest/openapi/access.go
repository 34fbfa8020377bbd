package openapi

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// AccessibleTables keeps those of all that the rows of sql.OpenAPITables name.
func AccessibleTables(all iter.Seq[*schemacache.Table], rows [][][]byte) []*schemacache.Table {
	names := make(map[string]bool, len(rows))
	for _, row := range rows {
		names[string(row[0])] = true
	}
	var kept []*schemacache.Table
	for t := range all {
		if names[t.Name.Name] {
			kept = append(kept, t)
		}
	}
	return kept
}

// AccessibleRoutines keeps those of all that the rows of sql.OpenAPIRoutines
// name, with their types as these rows name them. The routines returned are
// copies where they differ from those of all. Errors: a row that cannot be
// read, which is a bug in the statement.
func AccessibleRoutines(all iter.Seq[*schemacache.Routine], rows [][][]byte) ([]*schemacache.Routine, error) {
	types := make(map[uint32][]string, len(rows))
	for _, row := range rows {
		oid, err := strconv.ParseUint(string(row[0]), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read oid of accessible function: %w", err)
		}
		var names []string
		if err := json.Unmarshal(row[1], &names); err != nil {
			return nil, fmt.Errorf("read types of accessible function: %w", err)
		}
		types[uint32(oid)] = names
	}
	var kept []*schemacache.Routine
	for r := range all {
		if names, ok := types[r.OID]; ok {
			kept = append(kept, withTypes(r, names))
		}
	}
	return kept, nil
}

// withTypes renames the types of parameters. Their number differs only when
// the oid was given to another function since the schema cache was taken.
func withTypes(r *schemacache.Routine, types []string) *schemacache.Routine {
	if len(types) == 0 || len(types) != len(r.Params) {
		return r
	}
	renamed := *r
	renamed.Params = slices.Clone(r.Params)
	for i := range renamed.Params {
		renamed.Params[i].Type = types[i]
	}
	return &renamed
}

// Describe returns the description of a schema by the results of query's
// statements for it: of all that is in the schema, or, where the results say so,
// of the part that the role may use. in lacks nothing but that.
func Describe(in Input, cache *schemacache.Cache, schema string, results []query.Result) (_ []byte, err error) {
	in.Relationships, in.SchemaDescription = cache, SchemaDescription(results[0].Rows)
	if len(results) == 1 {
		in.Tables, in.Routines = slices.Collect(cache.Tables(schema)), slices.Collect(cache.AllRoutines(schema))
		return Document(in), nil
	}
	in.Tables = AccessibleTables(cache.Tables(schema), results[1].Rows)
	if in.Routines, err = AccessibleRoutines(cache.AllRoutines(schema), results[2].Rows); err != nil {
		return nil, err
	}
	return Document(in), nil
}

// SchemaDescription reads the rows of sql.OpenAPISchemaDescription.
func SchemaDescription(rows [][][]byte) string {
	if len(rows) == 0 {
		return ""
	}
	return string(rows[0][0])
}
