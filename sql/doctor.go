package sql

import "embed"

// Doctor is read by internal/database/doctor: what its checks in Go ask. Its
// rules are in Check.
//
//go:embed doctor/*.sql
var Doctor embed.FS
