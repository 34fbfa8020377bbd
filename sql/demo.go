package sql

import "embed"

// Demo is run by internal/database/migrator/demo.
//
//go:embed demo/*.sql
var Demo embed.FS
