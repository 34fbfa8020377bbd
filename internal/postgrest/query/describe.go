package query

import "github.com/romashka/sidecar/sql"

// describeStatements ask for the schema's comment and, unless privileges are
// ignored, for the tables and the functions that the role may use.
func describeStatements(o Options, schema string) []Statement {
	texts := []struct {
		sql     string
		columns int
	}{{sql.OpenAPISchemaDescription, 1}, {sql.OpenAPITables, 1}, {sql.OpenAPIRoutines, 2}}
	if o.IgnorePrivileges {
		texts = texts[:1]
	}
	var out []Statement
	for _, t := range texts {
		out = append(out, Statement{SQL: t.sql, Args: []Arg{{Value: []byte(schema)}}, Columns: t.columns, BinaryColumn: -1})
	}
	return out
}
