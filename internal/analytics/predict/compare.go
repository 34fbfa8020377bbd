package predict

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// Drift: over so many days of comparison, accuracy so far below that of the
// back-test is told as an insight.
const (
	comparedDays = 28
	enoughDays   = 14
	drift        = 0.1
)

// told is the forecast of a day, made one day ahead.
type told struct {
	Day              string
	Mean, Lo80, Hi80 float64
}

// readEarlier reads the forecasts of the days up to last.
func readEarlier(ctx context.Context, tx pgx.Tx, last series.Step) ([]told, error) {
	rows, err := query(ctx, tx, "yesterday.sql", string(Volume), series.Daily.Label(last-comparedDays+1), series.Daily.Label(last))
	if err != nil {
		return nil, fmt.Errorf("read earlier forecasts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[told])
	if err != nil {
		return nil, fmt.Errorf("read earlier forecasts: %w", err)
	}
	return list, nil
}

// compare puts the forecasts of the last days beside the real counts, and the
// accuracy of that beside the accuracy that the back-test promised.
func compare(r *Run, days series.Series, list []told) error {
	if len(days.Values) == 0 {
		return nil
	}
	wrong, came, inside, known := 0.0, 0.0, 0, 0
	for _, one := range list {
		day, err := series.Daily.ParseLabel(one.Day)
		if err != nil {
			return fmt.Errorf("read earlier forecasts: %w", err)
		}
		actual := days.At(day)
		if math.IsNaN(actual) {
			continue
		}
		known++
		wrong, came = wrong+math.Abs(actual-one.Mean), came+actual
		if one.Lo80 <= actual && actual <= one.Hi80 {
			inside++
		}
		if day == days.Last() {
			r.Details["yesterday"] = map[string]any{"day": one.Day, "forecast": one.Mean, "lo80": one.Lo80, "hi80": one.Hi80, "came": actual}
		}
	}
	if came == 0 {
		return nil
	}
	r.Details["came_true"] = map[string]any{"days": known, "accuracy": round(1 - wrong/came), "inside80": round(float64(inside) / float64(known))}
	return nil
}

// drifted reports whether the forecasts of the last weeks were worse than the
// back-test says, and by how much.
func (r Run) drifted() (by float64, days int, ok bool) {
	since, _ := r.Details["came_true"].(map[string]any)
	accuracy, measured := since["accuracy"].(float64)
	days, _ = since["days"].(int)
	if !measured || r.Accuracy == nil || days < enoughDays {
		return 0, days, false
	}
	by = r.Accuracy.Value - accuracy
	return by, days, by > drift
}

// round keeps four digits, as shares are told.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
