package sql

import _ "embed" // the directives below

// The statements below are run by internal/edge/apilog on its own connection. Read only.

// APILogCopy writes a batch of rows, see its header.
//
//go:embed apilog/copy.sql
var APILogCopy string

// APILogProfiles returns the ids that are those of profiles.
//
//go:embed apilog/profiles.sql
var APILogProfiles string

// APILogPresent reports whether the log's tables are there.
//
//go:embed apilog/present.sql
var APILogPresent string

// APILogSize returns the size of the log in bytes.
//
//go:embed apilog/size.sql
var APILogSize string
