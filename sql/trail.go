package sql

import _ "embed" // the directives below

// Statements of internal/security/trail, see their headers.

// TrailPresent tells whether there is a chain over the trail.
//
//go:embed trail/present.sql
var TrailPresent string

// TrailGather makes lines of what is new in the API log.
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

// TrailState tells what there is.
//
//go:embed trail/state.sql
var TrailState string

// TrailFaults tells what is wrong with a piece of the chain.
//
//go:embed trail/faults.sql
var TrailFaults string

// TrailLoose tells what is wrong besides the chain.
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
