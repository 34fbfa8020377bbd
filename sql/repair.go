package sql

import "embed"

// Repair holds, for each defect of the base tables, <number>_<name>.check.sql,
// .up.sql and .down.sql. A check reads only, is not asked where the table that
// it needs is missing, and gives rows of object, fault and evidence where the
// defect is there. The first line of an up file is its title; a line "-- saves:
// public.f()" names a function whose definition is kept before, and put back
// after the down file. Run by internal/database/migrator, each file in one transaction,
// as the owner of the base tables.
//
//go:embed repair/*.sql
var Repair embed.FS
