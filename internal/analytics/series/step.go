package series

import (
	"fmt"
	"time"
)

// Grain is the length of one step.
type Grain int

// Grains. The zero value is Daily.
const (
	Daily Grain = iota
	Hourly
)

// HoursPerDay is how many labels a local day has; on the days when clocks
// change one of them is missing or stands for two hours.
const HoursPerDay = 24

// ParseGrain reads "day" or "hour".
func ParseGrain(text string) (Grain, error) {
	switch text {
	case "day":
		return Daily, nil
	case "hour":
		return Hourly, nil
	}
	return 0, fmt.Errorf("grain %q: want day or hour", text)
}

func (g Grain) String() string {
	if g == Hourly {
		return "hour"
	}
	return "day"
}

// PerDay is how many steps a day has.
func (g Grain) PerDay() int {
	if g == Hourly {
		return HoursPerDay
	}
	return 1
}

func (g Grain) layout() string {
	if g == Hourly {
		return "2006-01-02T15:00"
	}
	return time.DateOnly
}

// Step is a local date, or a local date and hour, as a whole number: days or
// hours since 1970-01-01. It has no zone, so that arithmetic on it is exact.
type Step int

// Label writes s as YYYY-MM-DD, or as YYYY-MM-DDTHH:00.
func (g Grain) Label(s Step) string { return g.moment(s).Format(g.layout()) }

// ParseLabel reads the output of Label, and nothing else.
func (g Grain) ParseLabel(text string) (Step, error) {
	t, err := time.Parse(g.layout(), text)
	if err != nil || t.Format(g.layout()) != text || t.Year() < 1900 || t.Year() > 2200 {
		want := "a date YYYY-MM-DD"
		if g == Hourly {
			want = "an hour YYYY-MM-DDTHH:00"
		}
		return 0, fmt.Errorf("%q is not %s", text, want)
	}
	return g.StepOf(t), nil
}

// StepOf is the step in which t lies, by t's own wall clock.
func (g Grain) StepOf(t time.Time) Step {
	year, month, day := t.Date()
	seconds := time.Date(year, month, day, t.Hour(), 0, 0, 0, time.UTC).Unix()
	return Step(floorDiv(int(seconds), g.seconds()))
}

// Day is the date of s, as a daily step.
func (g Grain) Day(s Step) Step { return Step(floorDiv(int(s), g.PerDay())) }

// Hour is the hour of s, 0 to 23; 0 for days.
func (g Grain) Hour(s Step) int { return int(s) - int(g.Day(s))*g.PerDay() }

func (g Grain) seconds() int { return 24 * 3600 / g.PerDay() }

func (g Grain) moment(s Step) time.Time { return time.Unix(int64(s)*int64(g.seconds()), 0).UTC() }

// Weekday is the day of the week of a daily step.
func Weekday(day Step) time.Weekday { return Daily.moment(day).Weekday() }

// DayOfMonth is the place of a daily step in its month, from 1, and the length
// of that month.
func DayOfMonth(day Step) (place, length int) {
	t := Daily.moment(day)
	return t.Day(), time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
