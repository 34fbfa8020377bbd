// Package sql holds the SQL that runs at run time, one statement per file, in
// one folder per owner. It never runs any of it.
package sql

import "embed"

// Catalog is read by internal/postgrest/catalog.
//
//go:embed catalog/*.sql
var Catalog embed.FS

// Text returns the statement in a file, such as "catalog/tables.sql". Names are
// constants of the owners: one without a file is a fault of ours, and panics.
func Text(files embed.FS, name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(text)
}
