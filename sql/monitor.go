package sql

import _ "embed" // the directives below

// The statements below are run by internal/security/monitor on its own connection. Read only.

// MonitorReadable returns the tables that the rules look at and that can be
// read.
//
//go:embed monitor/readable.sql
var MonitorReadable string

// MonitorRequests reads rows of the API log in a span of their own time.
//
//go:embed monitor/requests.sql
var MonitorRequests string

// MonitorSessions reads sessions that began in a span.
//
//go:embed monitor/sessions.sql
var MonitorSessions string

// MonitorFactors reads changes of the sidecar's second factors in a span.
//
//go:embed monitor/factors.sql
var MonitorFactors string

// MonitorFactorEvents reads the changes and checks of them.
//
//go:embed monitor/factor_events.sql
var MonitorFactorEvents string

// MonitorAudit reads changes of second factors that Supabase Auth has noted in a span.
//
//go:embed monitor/audit.sql
var MonitorAudit string

// MonitorPeople reads who the users are.
//
//go:embed monitor/people.sql
var MonitorPeople string

// MonitorPast reads the last session of each user before a moment.
//
//go:embed monitor/past.sql
var MonitorPast string

// MonitorFacts returns the facts that the newest rows have.
//
//go:embed monitor/facts.sql
var MonitorFacts string

// MonitorSettings reads the key detection of system_settings.
//
//go:embed monitor/settings.sql
var MonitorSettings string

// MonitorIncident writes an incident that was found, or found again.
//
//go:embed monitor/incident.sql
var MonitorIncident string

// MonitorList lists incidents.
//
//go:embed monitor/list.sql
var MonitorList string

// MonitorShow shows one with its timeline.
//
//go:embed monitor/show.sql
var MonitorShow string

// MonitorSeen returns how far detection has read.
//
//go:embed monitor/seen.sql
var MonitorSeen string

// MonitorArrived is the condition of rows that a snapshot did not see.
//
//go:embed monitor/arrived.sql
var MonitorArrived string

// MonitorMemory reads the memory of detection.
//
//go:embed monitor/memory.sql
var MonitorMemory string

// MonitorTell writes how far detection has read.
//
//go:embed monitor/tell.sql
var MonitorTell string

// MonitorMark marks the requests that an incident rests on.
//
//go:embed monitor/mark.sql
var MonitorMark string

// MonitorReach tells how far back a number of rows of the API log goes.
//
//go:embed monitor/reach.sql
var MonitorReach string
