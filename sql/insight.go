package sql

import "embed"

// Insight is run by internal/analytics/insight/findings. Read only.
//
//go:embed insight/*.sql
var Insight embed.FS
