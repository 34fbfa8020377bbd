package sql

import _ "embed" // the directives below

// The statements below are run by internal/edge/apilog on its own connection. Read only.

// APILogCopy writes a batch of rows, see its header.
//
//go:embed apilog/copy.sql
var APILogCopy string

// APILogProfiles tells which ids are those of profiles.
//
//go:embed apilog/profiles.sql
var APILogProfiles string

// APILogPresent reports whether the log's tables are there.
//
//go:embed apilog/present.sql
var APILogPresent string

// APILogSize tells how many bytes the log takes.
//
//go:embed apilog/size.sql
var APILogSize string
