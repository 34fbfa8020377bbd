package app

import (
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/security/session"
)

// Jobs are those that are done in Go, one line each; those in SQL stand in the
// timetable. The package jobs says how to add one.
func Jobs(cfg config.Config) []jobs.Job {
	sessions := session.Limits{Idle: cfg.Sessions.Idle, Longest: cfg.Sessions.Longest}
	return []jobs.Job{
		{Name: "sessions", Every: session.Every, Timeout: time.Minute, Run: sessions.Sweep},
	}
}
