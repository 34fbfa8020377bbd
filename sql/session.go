package sql

import _ "embed" // the directives below

// Statements of internal/security/session, see their headers. Read only.
//
//go:embed session/present.sql
var SessionPresent string

// SessionNote writes a batch of sightings.
//
//go:embed session/note.sql
var SessionNote string

// SessionEnd ends sessions that were signed out.
//
//go:embed session/end.sql
var SessionEnd string

// SessionEnded lists those that have ended.
//
//go:embed session/ended.sql
var SessionEnded string

// SessionSweep ends sessions that are over without a word.
//
//go:embed session/sweep.sql
var SessionSweep string

// SessionGone ends those that Supabase Auth no longer has.
//
//go:embed session/gone.sql
var SessionGone string

// SessionForget deletes sessions that no token can ask for any more.
//
//go:embed session/forget.sql
var SessionForget string
