package sql

import "embed"

// Predict is run by internal/analytics/predict. Read only.
//
//go:embed predict/*.sql
var Predict embed.FS
