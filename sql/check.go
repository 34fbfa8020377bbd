package sql

import "embed"

// Check is read by internal/database/check: one fact per file, asked by doctor
// and compliance alike. The head of each file names its parameters and, after
// "Needs:", the relations without which it cannot be asked. The rows of a rule
// have the columns severity, object, relation, fault, evidence, remedy.
//
//go:embed check/*.sql
var Check embed.FS
