package sql

import "embed"

// Demo is run by internal/migrator/demo.
//
//go:embed demo/*.sql
var Demo embed.FS
