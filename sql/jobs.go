package sql

import _ "embed" // the directive below

// RunDueJobs is run by internal/platform/jobs on a connection of its own, see
// its header. Read only.
//
//go:embed jobs/run_due_jobs.sql
var RunDueJobs string
