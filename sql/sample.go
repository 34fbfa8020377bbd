package sql

import "embed"

// Sample is loaded by internal/database/migrator, in the order of the names.
//
//go:embed sample/*.sql
var Sample embed.FS
