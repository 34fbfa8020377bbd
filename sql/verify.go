package sql

import "embed"

// Verify are the verification and health queries of the seed, for an operator
// or a test to run: a database in good order answers all of them.
//
//go:embed verify/*.sql
var Verify embed.FS
