package sql

import _ "embed" // the directives below

// Statements of internal/realtime, see their headers. Read only.
//
//go:embed realtime/columns.sql
var RealtimeColumns string

// RealtimeTables lists the tables that a subscription is about.
//
//go:embed realtime/tables.sql
var RealtimeTables string

// RealtimeKeys names the columns of a primary key.
//
//go:embed realtime/keys.sql
var RealtimeKeys string

// RealtimePublications returns whether changes can be decoded.
//
//go:embed realtime/publications.sql
var RealtimePublications string

// RealtimeMessages reads broadcasts from SQL.
//
//go:embed realtime/messages.sql
var RealtimeMessages string

// RealtimeRights is what users may do at this moment.
//
//go:embed realtime/rights.sql
var RealtimeRights string

// RealtimeTriggers returns whether changes can be noted by triggers.
//
//go:embed realtime/triggers.sql
var RealtimeTriggers string

// RealtimeWatch has changes of a table noted.
//
//go:embed realtime/watch.sql
var RealtimeWatch string

// RealtimeNoted reads noted changes.
//
//go:embed realtime/noted.sql
var RealtimeNoted string

// RealtimePrune removes noted changes.
//
//go:embed realtime/prune.sql
var RealtimePrune string
