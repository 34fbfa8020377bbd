package sql

import _ "embed" // the directives below

// Statements of internal/security/trail, see their headers.

// TrailPresent returns whether there is a chain over the trail.
//
//go:embed trail/present.sql
var TrailPresent string

// TrailGather makes lines of the new rows in the API log.
//
//go:embed trail/gather.sql
var TrailGather string

// TrailSeal seals lines that wait.
//
//go:embed trail/seal.sql
var TrailSeal string

// TrailCheckpoint writes down a state of the chain.
//
//go:embed trail/checkpoint.sql
var TrailCheckpoint string

// TrailDue names the checkpoint behind which retention is to cut.
//
//go:embed trail/due.sql
var TrailDue string

// TrailCut deletes the lines up to a checkpoint.
//
//go:embed trail/cut.sql
var TrailCut string

// TrailState returns the state of the chain.
//
//go:embed trail/state.sql
var TrailState string

// TrailFaults returns the faults of a piece of the chain.
//
//go:embed trail/faults.sql
var TrailFaults string

// TrailLoose returns the faults beside the chain.
//
//go:embed trail/loose.sql
var TrailLoose string

// TrailCheckpoints lists the checkpoints.
//
//go:embed trail/checkpoints.sql
var TrailCheckpoints string

// TrailAt is the hash of the chain at a place.
//
//go:embed trail/at.sql
var TrailAt string
