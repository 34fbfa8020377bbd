package predict

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// reach is how far back conversations are read.
const reach = 3 * 366 // days

// all is the channel of all channels together.
const all = "all"

// counts are conversations per hour of the tenant's clock, up to yesterday.
type counts struct {
	zone     *time.Location
	span     series.Span // days
	channels map[string][]series.Count
}

// count is a row of counts.sql.
type count struct {
	Channel string
	Hour    time.Time // by the tenant's clock
	N       int64
}

// readCounts reads the whole days before the one of now: today is not finished.
func readCounts(ctx context.Context, tx pgx.Tx, zone *time.Location, now time.Time) (counts, error) {
	today := startOfDay(now, zone)
	rows, err := query(ctx, tx, "counts.sql", zone.String(), today.AddDate(0, 0, -reach), today)
	if err != nil {
		return counts{}, fmt.Errorf("count conversations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[count])
	if err != nil {
		return counts{}, fmt.Errorf("count conversations: %w", err)
	}
	last := series.Daily.StepOf(today) - 1
	c := counts{zone: zone, span: series.Span{From: last + 1, To: last}, channels: map[string][]series.Count{}}
	for i, row := range list {
		if i == 0 {
			c.span.From = series.Daily.StepOf(row.Hour)
		}
		one := series.Count{Step: series.Hourly.StepOf(row.Hour), N: float64(row.N)}
		c.channels[all] = append(c.channels[all], one)
		if row.Channel != all {
			c.channels[row.Channel] = append(c.channels[row.Channel], one)
		}
	}
	return c, nil
}

// startOfDay is when the day of now begins in zone. If clocks leap over
// midnight, it is the first moment after.
func startOfDay(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if start.Day() != d { // resolved to before the gap
		start = time.Date(y, m, d, 1, 0, 0, 0, zone)
	}
	return start
}

// days is the daily series of a channel from its first conversation on. unknown
// are days in which conversations are missing.
func (c counts) days(channel string, unknown []series.Span) (series.Series, error) {
	daily := make([]series.Count, 0, len(c.channels[channel]))
	for _, one := range c.channels[channel] {
		daily = append(daily, series.Count{Step: series.Hourly.Day(one.Step), N: one.N})
	}
	s, err := series.FromCounts(series.Daily, c.zone, c.span, daily, unknown...)
	return s.Trim(), err
}

// hours is the hourly series of a channel.
func (c counts) hours(channel string, unknown []series.Span) (series.Series, error) {
	of := func(days series.Span) series.Span {
		return series.Span{From: days.From * series.HoursPerDay, To: days.To*series.HoursPerDay + series.HoursPerDay - 1}
	}
	hourly := make([]series.Span, 0, len(unknown))
	for _, u := range unknown {
		hourly = append(hourly, of(u))
	}
	s, err := series.FromCounts(series.Hourly, c.zone, of(c.span), c.channels[channel], hourly...)
	return s.Trim(), err
}

// surely is the usual count of a weekday from which on a day without any
// conversation is no chance: at 15 the probability is below one in a million.
const surely = 15

// gaps are days without any conversation on weekdays that are busy around them,
// and that the calendar does not close: the rows are missing, nobody stayed away.
func gaps(days series.Series, calendar series.Calendar) (unknown []series.Span) {
	for i, v := range days.Values {
		day := days.First + series.Step(i)
		_, holiday := calendar.Holidays[day]
		if v != 0 || holiday || calendar.Share(day) < 1 || usualAround(days.Values, i) < surely {
			continue
		}
		if n := len(unknown); n > 0 && unknown[n-1].To == day-1 {
			unknown[n-1].To = day
		} else {
			unknown = append(unknown, series.Span{From: day, To: day})
		}
	}
	return unknown
}

// usualAround is the median of the same weekdays within eight weeks around place
// i, itself left out. A weekday that is mostly empty has none.
func usualAround(values []float64, i int) float64 {
	const weeks, week = 8, 7
	var same []float64
	for j := i - weeks*week; j <= i+weeks*week; j += week {
		if j >= 0 && j < len(values) && j != i {
			same = append(same, values[j])
		}
	}
	if len(same) < 3 {
		return 0
	}
	slices.Sort(same)
	return same[len(same)/2]
}

// total is the sum of the known values.
func total(values []float64) (sum float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}
