// Package supabase holds the SQL that makes an empty PostgreSQL look like a new
// Supabase project with the tables that ROMASHKA already has. It is for
// development and tests; a real Supabase project is never given any of it.
package supabase

import "embed"

// Files are applied in the order of their names, by a superuser. Those of
// roles can be applied again: roles belong to the whole server. In demo/ are
// the statements that add demo users and rows to a bootstrapped database.
//
//go:embed *.sql demo/*.sql
var Files embed.FS
