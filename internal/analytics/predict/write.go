package predict

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/sql"
)

// keptDays is how long runs are kept: as long as the seed keeps predictions.
const keptDays = 180

// statement is a file of sql/predict.
func statement(name string) string { return sql.Text(sql.Predict, "predict/"+name) }

func query(ctx context.Context, tx pgx.Tx, name string, args ...any) (pgx.Rows, error) {
	return tx.Query(ctx, statement(name), args...)
}

func queryRow(ctx context.Context, tx pgx.Tx, name string, args ...any) pgx.Row {
	return tx.QueryRow(ctx, statement(name), args...)
}

// keep writes runs, and the predictions of those of all channels by day or week.
func keep(ctx context.Context, tx pgx.Tx, now time.Time, runs []Run) error {
	for _, r := range runs {
		id, err := keepRun(ctx, tx, now, r)
		if err != nil {
			return err
		}
		if r.Channel != all || r.Metric == Volume && r.Grain == series.Hourly.String() {
			continue
		}
		if err := withdraw(ctx, tx, now, r); err != nil {
			return err
		}
		if err := keepPoints(ctx, tx, id, r); err != nil {
			return err
		}
		if err := raiseDrift(ctx, tx, r); err != nil {
			return err
		}
		if err := raiseDrivers(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes back the predictions of earlier runs for days to come: when there
// is no forecast any more, the last one must not stand.
func withdraw(ctx context.Context, tx pgx.Tx, now time.Time, r Run) error {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return err
	}
	first := series.Daily.Label(today(now, zone))
	if _, err := tx.Exec(ctx, statement("withdraw.sql"), r.Metric.kind(), first, version, string(r.Metric), keptDays); err != nil {
		return fmt.Errorf("withdraw predictions: %w", err)
	}
	return nil
}

func keepRun(ctx context.Context, tx pgx.Tx, now time.Time, r Run) (id int64, err error) {
	var accuracy, wape, mase, coverage80, coverage95 *float64
	var origins *int
	if a := r.Accuracy; a != nil {
		accuracy, wape, mase, coverage80, coverage95, origins = &a.Value, &a.WAPE, a.MASE, &a.Coverage80, &a.Coverage95, &a.Origins
		r.Details["scored_steps"] = a.Horizon
	}
	for name, list := range map[string]any{"outliers": r.Outliers, "weights": r.Weights, "calendar": r.Calendar} {
		r.Details[name] = list
	}
	if r.plan != nil {
		r.Details["days"] = r.Points
	}
	row := queryRow(ctx, tx, "write_run.sql", string(r.Metric), r.Channel, r.Grain, now, r.Zone, r.Origin, string(r.Status), r.Reason, r.Method,
		version, len(r.Points), accuracy, wape, mase, coverage80, coverage95, origins, r.MeanVolume, r.Ceiling, r.TargetReachable,
		r.Totals, r.points(), r.Details)
	if err := row.Scan(&id); err != nil {
		return 0, fmt.Errorf("keep the run: %w", err)
	}
	return id, nil
}

// points is the list as it is stored: those of the plan where there is one.
func (r Run) points() any {
	if r.plan != nil {
		return r.plan
	}
	return r.Points
}

// keepPoints writes a prediction for each point.
func keepPoints(ctx context.Context, tx pgx.Tx, id int64, r Run) error {
	if !r.has() {
		return nil
	}
	batch := &pgx.Batch{}
	for _, p := range r.Points {
		batch.Queue(statement("write_prediction.sql"), r.Metric.kind(), p.DS, p.Mean, r.confidence(), version, r.features(id, p))
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	return nil
}

// confidence is the accuracy of the back-test as the column takes it. An error
// larger than the volume itself is no confidence at all; the figure as it was
// measured is in the features.
func (r Run) confidence() *float64 {
	if r.Accuracy == nil {
		return nil
	}
	c := min(1, max(0, r.Accuracy.Value))
	return &c
}

// features are the grounds of a prediction.
func (r Run) features(id int64, p forecast.Point) map[string]any {
	f := map[string]any{
		"run": id, "status": r.Status, "reason": r.Reason, "method": r.Method, "zone": r.Zone, "origin": r.Origin,
		"lo80": p.Lo80, "hi80": p.Hi80, "lo95": p.Lo95, "hi95": p.Hi95, "accuracy": r.Accuracy,
		"mean_volume": r.MeanVolume, "ceiling": r.Ceiling, "target_reachable": r.TargetReachable, "totals": r.Totals,
	}
	for _, e := range r.Calendar {
		if e.DS == p.DS {
			f["calendar"] = e
		}
	}
	for _, name := range []string{"from", "to", "days", "conversations", "ratings", "unit", "settings"} {
		if v, ok := r.Details[name]; ok {
			f[name] = v
		}
	}
	return f
}

// raiseDrift raises an insight where forecasts have become worse than promised.
func raiseDrift(ctx context.Context, tx pgx.Tx, r Run) error {
	by, days, ok := r.drifted()
	if !ok {
		return nil
	}
	_, err := tx.Exec(ctx, statement("write_insight.sql"), "forecast_accuracy_drift", by, "share", fmt.Sprintf("%d days", days),
		map[string]any{"metric": r.Metric, "back_test": r.Accuracy.Value, "came_true": r.Details["came_true"]})
	if err != nil {
		return fmt.Errorf("write the insight on the drift: %w", err)
	}
	return nil
}

// raiseDrivers raises an insight for each thing that clearly goes together with
// ratings.
func raiseDrivers(ctx context.Context, tx pgx.Tx, r Run) error {
	for _, d := range r.drivers {
		if !d.clear {
			continue
		}
		_, err := tx.Exec(ctx, statement("write_insight.sql"), "ratings and "+d.Name, d.Difference, "points", fmt.Sprintf("%d days", driverDays),
			map[string]any{"text": d.Text, "lo95": d.Lo95, "hi95": d.Hi95, "ratings": r.Details["drivers_of"], "zone": r.Zone})
		if err != nil {
			return fmt.Errorf("write an insight on ratings: %w", err)
		}
	}
	return nil
}
