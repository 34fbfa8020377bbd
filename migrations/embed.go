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

// SupabaseFiles are the files of supabase/migrations that make the same schema, a line
// "version name" for each, in order. Written by make generate.
//
//go:embed supabase.txt
var SupabaseFiles string

// Files are the pairs, in the order of their names.
//
//go:embed *.sql
var Files embed.FS
