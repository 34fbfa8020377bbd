package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/insight/findings"
	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/analytics/text/scoring"
	"github.com/romashka/sidecar/internal/compliance"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dashboard/share"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/security/monitor"
	"github.com/romashka/sidecar/internal/security/respond"
	"github.com/romashka/sidecar/internal/security/session"
	"github.com/romashka/sidecar/internal/security/trail"
)

// Jobs are those that are done in Go, one line each; those in SQL stand in the
// timetable. The package jobs says how to add one.
func Jobs(cfg config.Config) []jobs.Job {
	sessions := session.Limits{Idle: cfg.Sessions.Idle, Longest: cfg.Sessions.Longest}
	checks := compliance.Options{Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole}
	return []jobs.Job{
		{Name: "compliance", Every: 24 * time.Hour, Timeout: 5 * time.Minute, Run: compliance.Job(checks)},
		{Name: "sessions", Every: session.Every, Timeout: time.Minute, Run: sessions.Sweep},
		{Name: "audit", Every: trail.Every, Timeout: 15 * time.Minute, Run: trail.Job(TrailKeys(cfg))},
		{Name: "detect", Every: 5 * time.Second, Timeout: 30 * time.Minute, Run: detecting(cfg)}, // the first run learns from the past
		{Name: "notify", Every: 3 * time.Second, Timeout: 5 * time.Minute, Run: courier(cfg)},
		{Name: "forecast", Every: predict.Every, Timeout: 30 * time.Minute, Run: predict.ForecastJob},
		{Name: "staffing", Every: predict.Every, Timeout: 30 * time.Minute, Run: predict.StaffingJob},
		{Name: "insights", Every: findings.Every, Timeout: 15 * time.Minute, Run: findings.Run},
		{Name: "shares", Every: share.Every, Timeout: 10 * time.Minute, Run: withoutPages},
		{Name: "text", Every: 10 * time.Second, Timeout: 30 * time.Minute, Run: scoring.New().Run},
	}
}

// TrailKeys sign the trail. A thief of the database alone has neither secret.
func TrailKeys(cfg config.Config) trail.Keys {
	return trail.NewKeys(string(cfg.TwoFactor.Key), string(cfg.TwoFactor.PreviousKey), string(cfg.JWT.Secret))
}

// newJobs is nil where no jobs are to be run.
func (a *App) newJobs(cfg config.Config) (*jobs.Runner, error) {
	switch {
	case !cfg.Jobs:
		return nil, nil
	case cfg.DB.BackgroundURI == "":
		return nil, errors.New("romashka-jobs is on, but romashka-db-background-uri is not set: set it to the connection string of the role that is to run the jobs")
	}
	list := Jobs(cfg)
	for i := range list {
		if list[i].Name == "shares" {
			list[i].Run = a.doShares
		}
	}
	return jobs.New(jobs.Options{URL: string(cfg.DB.BackgroundURI), Logger: a.log, Jobs: list})
}

// jobSamples are those of each job of the timetable, where jobs are run.
func (a *App) jobSamples() (list []observe.Sample) {
	if a.jobs == nil {
		return nil
	}
	for _, s := range a.jobs.Stats() {
		gauge := func(name, help string, value float64) {
			list = append(list, observe.Sample{Name: name, Kind: observe.Gauge, Help: help, Label: "job", LabelValue: s.Job, Value: value})
		}
		for outcome, n := range s.Runs {
			list = append(list, observe.Sample{
				Name: "romashka_job_runs_total", Kind: observe.Counter, Help: "Runs of jobs by this process, by how they ended.",
				Labels: map[string]string{"job": s.Job, "outcome": string(outcome)}, Value: float64(n),
			})
		}
		gauge("romashka_job_duration_seconds", "Time that the last run of a job by this process took; 0 before the first.", s.Took.Seconds())
		gauge("romashka_job_failing", "1 where the last run of a job, by any process, failed.", oneIf(s.Failing))
		gauge("romashka_job_overdue_seconds", "Time since a job was to be begun, and nobody has; 0 where it is not due.", s.Overdue.Seconds())
		if !s.Done.IsZero() {
			gauge("romashka_job_success_age_seconds", "Time since the last run of a job, by any process, that did not fail.", time.Since(s.Done).Seconds())
		}
	}
	return list
}

// detecting follows new rows and writes the incidents that they are.
func detecting(cfg config.Config) jobs.Func {
	var places monitor.Locator
	if cfg.GeoDB != "" {
		file, err := monitor.OpenGeo(cfg.GeoDB)
		if err != nil {
			err = fmt.Errorf("romashka-geo-db: %w", err)
			return func(context.Context, *pgx.Conn) (jobs.Result, error) { return jobs.Result{}, err }
		}
		places = file
	}
	live := monitor.NewLive(places)
	live.Respond = respond.Act
	return func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		t, err := live.Run(ctx, conn)
		if errors.Is(err, monitor.ErrBusy) {
			return jobs.Result{Idle: true}, nil
		}
		if err != nil {
			return jobs.Result{}, err
		}
		return jobs.Result{
			Text: t.String(),
			Idle: t.Written.New+t.Written.Updated == 0 && t.Learned == nil,
		}, nil
	}
}

// withoutPages is the job of shares in a process that serves none: pages are made
// where requests are answered.
func withoutPages(context.Context, *pgx.Conn) (jobs.Result, error) {
	return jobs.Result{Text: "pages by mail, reports and exports are made by romashka serve, with romashka-dashboard and romashka-jobs on", Idle: true}, nil
}

// doShares makes the pages and files that are due.
func (a *App) doShares(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	if a.dashboard == nil || a.reloader.Cache() == nil {
		return jobs.Result{Idle: true}, nil
	}
	return share.Job{Maker: a.dashboard, Now: time.Now}.Run(ctx, conn)
}

// courier sends the messages that wait.
func courier(cfg config.Config) jobs.Func {
	sender, err := NewSender(cfg)
	if err != nil {
		return func(context.Context, *pgx.Conn) (jobs.Result, error) { return jobs.Result{}, err }
	}
	return notify.Courier{Sender: sender}.Run
}
