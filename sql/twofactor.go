package sql

import "embed"

// TwoFactor is read by internal/security/twofactor: one statement per file,
// see the headers.
//
//go:embed twofactor/*.sql
var TwoFactor embed.FS
