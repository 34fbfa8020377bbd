package sql

import "embed"

// Compliance is read by internal/compliance.
//
//go:embed compliance/*.sql
var Compliance embed.FS
