package forecast

import (
	"fmt"
	"math"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// Demands on a history.
const (
	minDays      = 14   // for a forecast
	measuredDays = 28   // for an accuracy, over 14 days
	fullDays     = 56   // for an accuracy over 30 days
	gapWindow    = 16   // weeks in which gaps are counted
	maxGaps      = 0.25 // share of unknown days among them
	staleDays    = 4    // unknown days at the end
)

// state says whether the history allows a forecast, and if not, why.
func (s *study) state(r *run) (Status, string) {
	raw, n := r.history.raw, r.n
	all, known := survey(raw)
	if !all.positive {
		if n == 0 && len(s.values.Through(r.history.origin).Values) > 0 {
			return InsufficientHistory, fmt.Sprintf("needs %d days of history, 0 whole days are there", minDays)
		}
		return NoActivity, "no value above 0 in the history"
	}
	if n < minDays {
		return InsufficientHistory, fmt.Sprintf("needs %d days of history, %d are there", minDays, n)
	}
	if gap := s.trailingGap(r); gap >= staleDays {
		return Stale, fmt.Sprintf("the last %d days are unknown; the last known one is %s", gap, series.Daily.Label(r.history.day(n-1-gap)))
	}
	if missing := s.unseenWeekday(r); missing != "" {
		return InsufficientHistory, fmt.Sprintf("needs each weekday once within %d days of history, %d are there, but no known %s", minDays, n, missing)
	}
	if share := s.gaps(r); share > maxGaps {
		return Gappy, fmt.Sprintf("%.0f %% of the days of the last %d weeks are unknown, at most %.0f %% may be", 100*share, gapWindow, 100*maxGaps)
	}
	if len(r.pool) == 0 {
		return NoActivity, "no value above 0 on a usual day of the last 8 weeks"
	}
	if all.low == all.high && known > 1 {
		return Constant, fmt.Sprintf("all %d known days have the same value, %g", known, all.low)
	}
	if n < measuredDays {
		return Preliminary, fmt.Sprintf("accuracy needs %d days of history, %d are there", measuredDays, n)
	}
	return OK, ""
}

// extent is the range of known values.
type extent struct {
	low, high float64
	positive  bool
}

func survey(values []float64) (e extent, known int) {
	e.low, e.high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		known++
		e.low, e.high = min(e.low, v), max(e.high, v)
		e.positive = e.positive || v > 0
	}
	return e, known
}

// trailingGap is how many days at the end are unknown, closed ones aside.
func (s *study) trailingGap(r *run) int {
	gap := 0
	for i := r.n - 1; i >= 0 && math.IsNaN(r.history.raw[i]); i-- {
		if s.cal.Share(r.history.day(i)) > 0 {
			gap++
		}
	}
	return gap
}

// gaps is the share of unknown days in the last weeks.
func (s *study) gaps(r *run) float64 {
	unknown, days := 0, 0
	for i := max(r.n-gapWindow*season, 0); i < r.n; i++ {
		if s.cal.Share(r.history.day(i)) == 0 {
			continue
		}
		days++
		if math.IsNaN(r.history.raw[i]) {
			unknown++
		}
	}
	return float64(unknown) / float64(max(days, 1))
}

// unseenWeekday names a weekday of which no day is known; "" for none. A
// weekday on which the calendar closes each time is no question.
func (s *study) unseenWeekday(r *run) string {
	var seen [season]bool
	for i, v := range r.history.raw {
		day := r.history.day(i)
		if !math.IsNaN(v) || s.cal.Share(day) == 0 {
			seen[series.Weekday(day)] = true
		}
	}
	for i := range season {
		if day := r.history.day(i); !seen[series.Weekday(day)] {
			return series.Weekday(day).String()
		}
	}
	return ""
}
