package sql

import "embed"

// Checks are the verification and health queries of the seed, for an operator
// or a test to run: a database in good order answers all of them.
//
//go:embed checks/*.sql
var Checks embed.FS
