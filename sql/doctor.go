package sql

import "embed"

// Doctor is read by internal/database/doctor: the questions of its checks in Go. Its
// rules are in Check.
//
//go:embed doctor/*.sql
var Doctor embed.FS
