// Package sql holds the SQL that runs at run time, one statement per file, in
// one folder per owner. It never runs any of it.
package sql

import "embed"

// Catalog is read by internal/postgrest/catalog.
//
//go:embed catalog/*.sql
var Catalog embed.FS
