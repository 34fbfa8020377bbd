package app

import (
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// Jobs are those that are done in Go, one line each; those in SQL stand in the
// timetable. The package jobs says how to add one.
func Jobs(config.Config) []jobs.Job {
	return nil
}
