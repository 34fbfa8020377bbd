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

// RespondIncidents lists incidents that may set something off.
//
//go:embed respond/incidents.sql
var RespondIncidents string

// RespondSettings reads the tenant's settings for responses.
//
//go:embed respond/settings.sql
var RespondSettings string

// RespondOnce notes that an incident sets something off.
//
//go:embed respond/once.sql
var RespondOnce string

// RespondConcerned lists the sessions that an incident concerns.
//
//go:embed respond/concerned.sql
var RespondConcerned string
