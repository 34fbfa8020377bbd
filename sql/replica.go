package sql

import "embed"

// Replica is read by internal/postgrest/replica.
//
//go:embed replica/*.sql
var Replica embed.FS
