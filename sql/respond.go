package sql

import _ "embed" // the directives below

// Statements of internal/security/respond, see their headers. Read only.
//
//go:embed respond/present.sql
var RespondPresent string

// RespondBlocked lists the networks that are refused.
//
//go:embed respond/blocked.sql
var RespondBlocked string

// RespondShow lists them for people.
//
//go:embed respond/show.sql
var RespondShow string

// RespondSessions lists sessions for people.
//
//go:embed respond/sessions.sql
var RespondSessions string
