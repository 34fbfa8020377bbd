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

// days is the daily series of a channel from its start on. unknown are days in
// which conversations are missing.
func (c counts) days(channel string, unknown []series.Span) (series.Series, error) {
	daily := make([]series.Count, 0, len(c.channels[channel]))
	for _, one := range c.channels[channel] {
		daily = append(daily, series.Count{Step: series.Hourly.Day(one.Step), N: one.N})
	}
	s, err := series.FromCounts(series.Daily, c.zone, c.span, daily, unknown...)
	return fromStart(s.Trim()), err
}

// hours is the hourly series of a channel.
func (c counts) hours(channel string, unknown []series.Span) (series.Series, error) {
	days, err := c.days(channel, unknown)
	if err != nil {
		return series.Series{}, err
	}
	of := func(days series.Span) series.Span {
		return series.Span{From: days.From * series.HoursPerDay, To: days.To*series.HoursPerDay + series.HoursPerDay - 1}
	}
	hourly := make([]series.Span, 0, len(unknown))
	for _, u := range unknown {
		hourly = append(hourly, of(u))
	}
	span, list := of(series.Span{From: days.First, To: c.span.To}), c.channels[channel]
	began := slices.IndexFunc(list, func(one series.Count) bool { return one.Step >= span.From })
	s, err := series.FromCounts(series.Hourly, c.zone, span, list[max(began, 0):], hourly...)
	return s.Trim(), err
}

// How a start is told from a pause: so many days without any conversation, and
// less before them in all than this share of the first four weeks after.
const (
	silentDays = 28
	trialShare = 0.1
)

// fromStart drops trials from before a tenant's real start: of a few test
// conversations and months of silence no forecast can learn.
func fromStart(days series.Series) series.Series {
	silent, before, start := 0, 0.0, 0
	for i, v := range days.Values {
		if v == 0 {
			silent++
			continue
		}
		if silent >= silentDays && before < trialShare*total(days.Values[i:min(i+silentDays, len(days.Values))]) {
			start = i
		}
		silent = 0
		if !math.IsNaN(v) {
			before += v
		}
	}
	days.First, days.Values = days.First+series.Step(start), days.Values[start:]
	return days
}

// surely is how many conversations a stretch of empty days would usually have had
// from which on it is no chance: at 15 the probability is below one in a million.
const surely = 15

// gaps are stretches of days without any conversation in which as many as surely
// would have come by the weeks around them, and that the calendar does not explain:
// the rows are missing, nobody stayed away. One day is enough where much comes;
// where little comes it takes several.
func gaps(days series.Series, calendar series.Calendar) (unknown []series.Span) {
	for from := 0; from < len(days.Values); from++ {
		if days.Values[from] != 0 {
			continue
		}
		to := from
		for to+1 < len(days.Values) && days.Values[to+1] == 0 {
			to++
		}
		if u, ok := gap(days, calendar, from, to); ok {
			unknown = append(unknown, u)
		}
		from = to
	}
	return unknown
}

// gap is the part of the empty days from to to that is missing, if any is: from the
// first to the last that is usually busy, and to the end of days if they reach it.
func gap(days series.Series, calendar series.Calendar, from, to int) (missing series.Span, ok bool) {
	expected := 0.0
	for i := from; i <= to; i++ {
		day := days.First + series.Step(i)
		if _, holiday := calendar.Holidays[day]; holiday || calendar.Share(day) < 1 {
			continue
		}
		usual := usualAround(days.Values, i, from, to)
		if usual == 0 {
			continue
		}
		if expected == 0 {
			missing.From = day
		}
		missing.To = day
		expected += usual
	}
	if to == len(days.Values)-1 {
		missing.To = days.Last()
	}
	return missing, expected >= surely
}

// usualAround is the median of the same weekdays nearest to place i, up to eight
// to each side of the empty days from to to, which count as one of them. A weekday
// that is empty as often as not has none.
func usualAround(values []float64, i, from, to int) float64 {
	const weeks, week = 8, 7
	var same []float64
	add := func(j, step int) {
		for n := 0; n < weeks && j >= 0 && j < len(values); j += step {
			if (j < from || j > to) && !math.IsNaN(values[j]) {
				same, n = append(same, values[j]), n+1
			}
		}
	}
	add(i-week, -week)
	add(i+week, week)
	if len(same) < 2 {
		return 0
	}
	same = append(same, 0)
	slices.Sort(same)
	return same[(len(same)-1)/2]
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
