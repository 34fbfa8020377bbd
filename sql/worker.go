package sql

import _ "embed" // the directive below

// WorkerRunDueJobs is run by internal/worker on a connection of its own, see
// its header. Read only.
//
//go:embed worker/run_due_jobs.sql
var WorkerRunDueJobs string
