package sql

import _ "embed" // the directives below

// The statements below are run by internal/postgrest in the transaction of a
// request for the root, whose role and search path are then in force. Each
// takes the schema's name as $1; its rows, in text format, are read by the
// function of internal/postgrest/openapi named beside it. Read only.

// OpenAPITables lists the relations that the role may use: column name.
// Read by openapi.AccessibleTables.
//
//go:embed openapi/tables.sql
var OpenAPITables string

// OpenAPIRoutines lists the functions that the role may call: columns oid and
// types of the input parameters, a JSON array of text. Read by openapi.AccessibleRoutines.
//
//go:embed openapi/routines.sql
var OpenAPIRoutines string

// OpenAPISchemaDescription is the comment on the schema: one column, NULL when
// there is none; no row for an unknown schema. Read by openapi.SchemaDescription.
//
//go:embed openapi/schema_description.sql
var OpenAPISchemaDescription string
