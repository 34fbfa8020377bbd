package sql

import "embed"

// Policy is read by internal/policy.
//
//go:embed policy/*.sql
var Policy embed.FS
