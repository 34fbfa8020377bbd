package sql

import _ "embed" // the directives below

// The statements below are run by internal/apilog on its own connection. Read only.

// APILogInsert writes a batch of rows, see its header.
//
//go:embed apilog/insert.sql
var APILogInsert string

// APILogPresent tells whether the log's tables are there.
//
//go:embed apilog/present.sql
var APILogPresent string
