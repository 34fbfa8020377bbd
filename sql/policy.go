package sql

import "embed"

// Policy is read by internal/database/policy.
//
//go:embed policy/*.sql
var Policy embed.FS
