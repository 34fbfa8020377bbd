package predict

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// Metric is a figure that is forecast.
type Metric string

// The metrics. Each has its type of predictive_analytics.
const (
	Volume       Metric = "volume"       // conversations
	Satisfaction Metric = "satisfaction" // mean rating of a week, 1 to 5
	Performance  Metric = "performance"  // share of a week's conversations that the AI resolved
	Staff        Metric = "staffing"     // agents
)

// kind is the prediction_type of the metric.
func (m Metric) kind() string {
	switch m {
	case Satisfaction:
		return "satisfaction_trend"
	case Performance:
		return "performance_prediction"
	case Staff:
		return "staffing_needs"
	default:
		return "volume_forecast"
	}
}

// version is the model_version of the rows written here. A row of another
// version is somebody else's.
const version = "romashka/1"

// Run is one forecast with its grounds; as JSON it is a line of the command.
type Run struct {
	Metric  Metric `json:"metric"`
	Channel string `json:"channel"` // "all", or one of conversations.channel_type
	Grain   string `json:"grain"`   // hour, day, week
	Zone    string `json:"zone"`
	forecast.Forecast
	Details map[string]any `json:"details"`

	plan    []PlanHour // in place of the points, where it is a plan
	drivers []Driver   // of ratings
}

// has reports whether there are points.
func (r Run) has() bool { return r.Status == forecast.OK || r.Status == forecast.Preliminary }

// Options choose the metrics to forecast. The zero value chooses none.
type Options struct {
	Now       time.Time      // its day is the first one ahead
	Volume    []series.Grain // grains of the volume
	Horizon   int            // steps of volume to look ahead; 0 = 30 days, 14 days of hours
	Weekly    []Metric       // Satisfaction, Performance
	ByChannel bool           // each channel with enough volume, too
}

// Everything is the choice of the nightly job.
func Everything(now time.Time) Options {
	return Options{
		Now: now, Volume: []series.Grain{series.Daily, series.Hourly},
		Weekly: []Metric{Satisfaction, Performance}, ByChannel: true,
	}
}

// Forecast reads, forecasts and writes the metrics of o, and returns the runs in
// the order volume, channels, weekly. A state without a forecast is no error.
//
// It reads as of one moment, and writes all in one transaction.
// Twice on one day it writes the same predictions.
func Forecast(ctx context.Context, conn *pgx.Conn, o Options) ([]Run, error) {
	var d data
	err := jobs.Read(ctx, conn, func(tx pgx.Tx) (err error) {
		d, err = readData(ctx, tx, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	runs, err := d.runs(o) // in no transaction: this takes seconds
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	if err := jobs.Write(ctx, conn, func(tx pgx.Tx) error { return keep(ctx, tx, o.Now, runs) }); err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	return runs, nil
}

// data holds the rows read for o.
type data struct {
	tenant  tenant
	counts  counts
	earlier []told // the forecasts of the last days
	weeks   []weekRow
	monday  time.Time // of the week that is under way
	rated   []rated
}

func readData(ctx context.Context, tx pgx.Tx, o Options) (d data, err error) {
	if d.tenant, err = readTenant(ctx, tx); err != nil {
		return d, err
	}
	if len(o.Volume) > 0 {
		if d.counts, err = readCounts(ctx, tx, d.tenant.zone, o.Now); err != nil {
			return d, err
		}
		if d.earlier, err = readEarlier(ctx, tx, d.counts.span.To); err != nil {
			return d, err
		}
	}
	if len(o.Weekly) > 0 {
		d.monday = mondayOf(o.Now, d.tenant.zone)
		if d.weeks, err = readWeeks(ctx, tx, d.tenant.zone, d.monday); err != nil {
			return d, err
		}
	}
	if slices.Contains(o.Weekly, Satisfaction) {
		d.rated, err = readRated(ctx, tx, d.tenant.zone, o.Now)
	}
	return d, err
}

func (d *data) runs(o Options) ([]Run, error) {
	var runs []Run
	if len(o.Volume) > 0 {
		volume, err := d.volumeRuns(o)
		if err != nil {
			return nil, err
		}
		runs = volume
	}
	weekly, err := d.weeklyRuns(o.Weekly)
	if err != nil {
		return nil, err
	}
	runs = append(runs, weekly...)
	for i := range runs {
		note(&runs[i], d.tenant.faults)
	}
	return runs, nil
}

// note adds settings that could not be used to the grounds of a run.
func note(r *Run, faults []string) {
	if len(faults) > 0 {
		r.Details["settings"] = faults
	}
}

// Every is how often forecasts and plans are made: soon after the tenant's day
// has begun, wherever that is, and when a setting was changed.
const Every = 6 * time.Hour

// ForecastJob is the job that forecasts everything.
func ForecastJob(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	runs, err := Forecast(ctx, conn, Everything(time.Now()))
	return jobs.Result{Text: summary(runs)}, err
}

// StaffingJob is the job that plans.
func StaffingJob(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	p, err := Staffing(ctx, conn, PlanOptions{Now: time.Now()})
	return jobs.Result{Text: summary([]Run{p.Run})}, err
}

// summary is "volume day: ok, accuracy 91.2 %; satisfaction week: insufficient_history".
func summary(runs []Run) string {
	var parts []string
	for _, r := range runs {
		if r.Channel != all {
			continue
		}
		text := fmt.Sprintf("%s %s: %s", r.Metric, r.Grain, r.Status)
		if r.Accuracy != nil {
			text += fmt.Sprintf(", accuracy %.1f %%", 100*r.Accuracy.Value)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
