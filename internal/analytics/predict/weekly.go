package predict

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// weekRow is a row of weekly.sql.
type weekRow struct {
	Week                     string
	Ratings                  int64
	RatingSum, RatingSquares float64
	Ended, ByAI              int64
}

// mondayOf is when the week of now begins in zone.
func mondayOf(now time.Time, zone *time.Location) time.Time {
	day := startOfDay(now, zone)
	return startOfDay(day.AddDate(0, 0, -(int(day.Weekday())+6)%7), zone)
}

// readWeeks reads the weeks that are over.
func readWeeks(ctx context.Context, tx pgx.Tx, zone *time.Location, monday time.Time) ([]weekRow, error) {
	rows, err := query(ctx, tx, "weekly.sql", zone.String(), monday.AddDate(0, 0, -reach), monday)
	if err != nil {
		return nil, fmt.Errorf("read ratings: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[weekRow])
	if err != nil {
		return nil, fmt.Errorf("read ratings: %w", err)
	}
	return list, nil
}

// weeklyRuns forecasts the mean rating and the share that the AI resolves.
func (d *data) weeklyRuns(metrics []Metric) ([]Run, error) {
	runs := make([]Run, 0, len(metrics))
	for _, metric := range metrics {
		l, err := lay(d.weeks, metric, series.Daily.StepOf(d.monday))
		if err != nil {
			return nil, err
		}
		r := Run{Metric: metric, Channel: all, Grain: "week", Zone: d.tenant.zone.String(), Forecast: l.forecast(), Details: map[string]any{}}
		l.describe(&r)
		if metric == Satisfaction {
			r.drivers = drivers(d.rated)
			r.Details["drivers"], r.Details["drivers_of"] = r.drivers, len(d.rated)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// lay puts rows on the weeks from the first one with values to the last one that
// is over.
func lay(list []weekRow, metric Metric, monday series.Step) (level, error) {
	l := level{least: 1, most: 5, what: "ratings", first: monday}
	if metric == Performance {
		l.least, l.most, l.what = 0, 1, "conversations that ended"
	}
	for _, row := range list {
		step, err := series.Daily.ParseLabel(row.Week)
		if err != nil {
			return l, fmt.Errorf("read ratings: %w", err)
		}
		w := week{float64(row.Ratings), row.RatingSum, row.RatingSquares}
		if metric == Performance {
			w = week{float64(row.Ended), float64(row.ByAI), float64(row.ByAI)}
		}
		if w.n == 0 && len(l.weeks) == 0 {
			continue
		}
		if len(l.weeks) == 0 {
			l.first, l.weeks = step, make([]week, (monday-step)/season)
		}
		l.weeks[(step-l.first)/season] = w
	}
	return l, nil
}

// describe lists the grounds of the forecast.
func (l level) describe(r *Run) {
	n := len(l.weeks)
	sum := l.pool(n, n)
	r.Details["unit"] = map[Metric]string{Satisfaction: "mean rating of a week, 1 to 5", Performance: "share of a week's conversations that the AI resolved"}[r.Metric]
	r.Details["ratings"] = sum.n
	if n == 0 {
		return
	}
	r.Details["from"], r.Details["to"] = l.label(0), l.label(n-1)
	r.Details["per_week"] = round(l.pool(n, leastWeeks).n / min(leastWeeks, float64(n)))
}
