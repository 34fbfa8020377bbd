// Package migrations holds the schema of ROMASHKA's security and analytics as
// golang-migrate pairs, <timestamp>_<title>.up.sql and .down.sql. It never runs
// any of it; internal/database/migrator does.
//
// Every up file can be applied again, and over the seed's SQL pasted by hand: it
// adds missing objects, never drops data, and raises an error where it cannot
// converge. The supabase CLI applies the same text without golang-migrate, so no
// file relies on anything the migrator sets.
package migrations

import "embed"

// Files are the pairs, in the order of their names.
//
//go:embed *.sql
var Files embed.FS
