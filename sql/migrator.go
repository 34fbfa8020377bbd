package sql

import "embed"

// Migrator is read by internal/database/migrator: its history, and its questions before it
// changes anything.
//
//go:embed migrator/*.sql
var Migrator embed.FS
