package sql

import "embed"

// Doctor is read by internal/database/doctor: one rule per file, and what its checks
// in Go ask. A rule's rows have the columns severity, object, relation, fault,
// evidence, remedy.
//
//go:embed doctor/*.sql
var Doctor embed.FS
