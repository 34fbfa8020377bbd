// Package functions holds the SQL functions of ROMASHKA, one per file, named
// as its file. They are not migrations: internal/database/migrator applies a file again
// whenever its text has changed.
//
// A file's first line names its function and arguments, so that one of another
// signature can be dropped first:
//
//	-- function: public.get_security_metrics()
//
// A body that depends on the columns of some relation says so, and is applied
// again when they change:
//
//	-- depends: public.conversation_analytics
package functions

import "embed"

// Files are the functions, in the order of their names.
//
//go:embed *.sql
var Files embed.FS
