package sql

import "embed"

// Migrator is read by internal/database/migrator: its books, and what it asks before it
// changes anything.
//
//go:embed migrator/*.sql
var Migrator embed.FS
