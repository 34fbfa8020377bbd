// Package openapi describes a schema in the words of OpenAPI 2.0, as clients
// find it at the root of the API.
//
// [Document] writes the description of the tables and routines it is given.
// Which of them the role of the request may use is asked of the database by
// the statements OpenAPITables and OpenAPIRoutines of package sql, whose rows
// [AccessibleTables] and [AccessibleRoutines] match with the schema cache. It never
// decides on an access right and never runs a statement.
//
// Source: PostgREST 16.2, Response.OpenAPI module and openapi.rst. Equal in
// value to its description; the order is by name where that has none.
package openapi
