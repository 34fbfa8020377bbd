package predict

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// hoursAhead is how far volume is told by hour, where nobody asks otherwise: two
// weeks, as far as rosters are made.
const hoursAhead = 14 * series.HoursPerDay

// Which channels have a forecast of their own: the largest ones, with one
// conversation a day and more.
const (
	mostChannels  = 8
	leastPerDay   = 1
	channelWindow = 8 * 7 // days
)

// volumeRuns forecasts conversations: of all channels by the grains of o, and
// of each channel by day.
func (d *data) volumeRuns(o Options) ([]Run, error) {
	v, err := newVolume(&d.tenant, d.counts)
	if err != nil {
		return nil, err
	}
	var runs []Run
	for _, grain := range o.Volume {
		r, err := v.forecast(all, grain, o.Horizon)
		if err != nil {
			return nil, err
		}
		if grain == series.Daily {
			if err := compare(&r, v.daily, d.earlier); err != nil {
				return nil, err
			}
		}
		runs = append(runs, r)
	}
	if !o.ByChannel {
		return runs, nil
	}
	for _, channel := range v.channels() {
		r, err := v.forecast(channel, series.Daily, o.Horizon)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// volume holds the counts, with the days in which rows are missing.
type volume struct {
	tenant   *tenant
	counts   counts
	days     series.Span // that the calendar knows
	calendar series.Calendar
	daily    series.Series // of all channels
	unknown  []series.Span
}

func newVolume(t *tenant, c counts) (volume, error) {
	const ahead = 500 // days, more than a horizon may have
	v := volume{tenant: t, counts: c, days: series.Span{From: c.span.From, To: c.span.To + ahead}}
	v.calendar = t.calendar(v.days)
	complete, err := c.days(all, nil)
	if err != nil {
		return v, err
	}
	v.unknown = gaps(complete, v.calendar)
	v.daily, err = c.days(all, v.unknown)
	return v, err
}

// channels are those with a forecast of their own, the largest first.
func (v volume) channels() []string {
	sums := map[string]float64{}
	from := (v.counts.span.To - channelWindow + 1) * series.HoursPerDay
	for channel, list := range v.counts.channels {
		for _, one := range list {
			if channel != all && one.Step >= from {
				sums[channel] += one.N
			}
		}
	}
	maps.DeleteFunc(sums, func(_ string, n float64) bool { return n < leastPerDay*channelWindow })
	names := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		if sums[a] != sums[b] {
			return int(sums[b] - sums[a])
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	return names[:min(len(names), mostChannels)]
}

// forecast gives the run of a channel and grain.
func (v volume) forecast(channel string, grain series.Grain, horizon int) (Run, error) {
	r := Run{Metric: Volume, Channel: channel, Grain: grain.String(), Zone: v.tenant.zone.String(), Details: map[string]any{}}
	unknown, err := v.missing(channel)
	if err != nil {
		return r, err
	}
	read := v.counts.days
	if grain == series.Hourly {
		read, horizon = v.counts.hours, cmp.Or(horizon, hoursAhead)
	}
	s, err := read(channel, unknown)
	if err != nil {
		return r, err
	}
	v.describe(&r, s, unknown)
	if len(s.Values) == 0 {
		r.Forecast = nothing(forecast.NoActivity, "no conversation came in up to yesterday")
		return r, nil
	}
	req := forecast.Request{Series: s, Calendar: v.calendar, Horizon: horizon}
	found, err := forecast.At(req, s.Last())
	if err != nil {
		return r, err
	}
	r.Forecast = found[0]
	return r, nil
}

// missing are the days in which rows of a channel are missing: those of all
// channels, and its own.
func (v volume) missing(channel string) ([]series.Span, error) {
	if channel == all {
		return v.unknown, nil
	}
	days, err := v.counts.days(channel, v.unknown)
	return slices.Concat(v.unknown, gaps(days, v.calendar)), err
}

// describe lists the grounds of the forecast.
func (v volume) describe(r *Run, s series.Series, unknown []series.Span) {
	missing := []string{}
	for _, u := range unknown {
		for day := u.From; day <= u.To; day++ {
			missing = append(missing, series.Daily.Label(day))
		}
	}
	r.Details["missing_days"] = missing
	r.Details["conversations"] = total(s.Values)
	if len(s.Values) > 0 {
		r.Details["from"] = series.Daily.Label(s.Grain.Day(s.First))
		r.Details["to"] = series.Daily.Label(s.Grain.Day(s.Last()))
		r.Details["days"] = len(s.Values) / s.Grain.PerDay()
	}
	if v.tenant.country != "" {
		r.Details["holidays"] = v.tenant.country
	}
	if list := v.tenant.during(v.days); len(list) > 0 {
		r.Details["campaigns"] = list
	}
}

// nothing is the answer where there is no forecast, with the reason.
func nothing(status forecast.Status, reason string) forecast.Forecast {
	return forecast.Forecast{
		Status: status, Method: "none", Reason: &reason, Points: []forecast.Point{}, Totals: []forecast.Total{},
		Outliers: []forecast.Outlier{}, Calendar: []forecast.Effect{}, Weights: map[string]float64{},
	}
}

// today is the daily step of now in zone.
func today(now time.Time, zone *time.Location) series.Step { return series.Daily.StepOf(now.In(zone)) }
