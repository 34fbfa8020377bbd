package sql

import "embed"

// Config is read by internal/config.
//
//go:embed config/*.sql
var Config embed.FS
