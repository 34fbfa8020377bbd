package sql

import _ "embed" // the directives below

// The statements below are run by internal/platform/jobs on connections of its
// own, see their headers. Read only.

// JobsLook reads the timetable between runs.
//
//go:embed jobs/look.sql
var JobsLook string

// JobsRegister brings jobs into the timetable.
//
//go:embed jobs/register.sql
var JobsRegister string

// JobsClaim has a job given to this process.
//
//go:embed jobs/claim.sql
var JobsClaim string

// JobsRenew renews leases.
//
//go:embed jobs/renew.sql
var JobsRenew string

// JobsLimit bounds the statements of a transaction.
//
//go:embed jobs/limit.sql
var JobsLimit string

// JobsRun does a job that was claimed and has a function.
//
//go:embed jobs/run.sql
var JobsRun string

// JobsHold keeps a job from being taken over until the transaction ends.
//
//go:embed jobs/hold.sql
var JobsHold string

// JobsFinish ends a run.
//
//go:embed jobs/finish.sql
var JobsFinish string

// JobsList reads the timetable for people.
//
//go:embed jobs/list.sql
var JobsList string

// JobsHistory reads the history of runs.
//
//go:embed jobs/history.sql
var JobsHistory string

// JobsRebuildable tells whether a job in SQL can be done from scratch.
//
//go:embed jobs/rebuildable.sql
var JobsRebuildable string

// JobsRebuild does a job in SQL from scratch.
//
//go:embed jobs/rebuild.sql
var JobsRebuild string
