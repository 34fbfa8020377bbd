package predict

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// tenant holds the settings. Faults are settings that are not in their
// form: they stand from before the form was checked, and are not used.
type tenant struct {
	zone      *time.Location
	hours     *weekHours // nil: open all the time
	country   string
	shares    map[series.Step]float64
	campaigns []campaign
	staffing  staffingSettings
	faults    []string
}

// weekHours is the share of each hour of the week that is open.
type weekHours [7][series.HoursPerDay]float64

func readTenant(ctx context.Context, tx pgx.Tx) (tenant, error) {
	var zone, hours, holidays, staff []byte
	if err := queryRow(ctx, tx, "settings.sql").Scan(&zone, &hours, &holidays, &staff); err != nil {
		return tenant{}, fmt.Errorf("read settings: %w", err)
	}
	t := tenant{zone: time.UTC, shares: map[series.Step]float64{}}
	t.read("time_zone", zone, t.readZone)
	t.read("business_hours", hours, t.readHours)
	t.read("holidays", holidays, t.readHolidays)
	t.read("staffing", staff, t.readStaffing)
	return t, nil
}

// read hands a setting to its reader, where it is set. A reader that refuses a
// setting leaves the tenant as it was.
func (t *tenant) read(key string, text []byte, with func([]byte) error) {
	if text == nil || string(text) == "null" {
		return
	}
	if err := with(text); err != nil {
		t.faults = append(t.faults, fmt.Sprintf("setting %s is not in its form and is not used: %v", key, err))
	}
}

func (t *tenant) readZone(text []byte) error {
	var name string
	if err := json.Unmarshal(text, &name); err != nil {
		return err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return err
	}
	t.zone = zone
	return nil
}

// span is a part of a day.
type span struct{ Start, End string }

// readHours reads business_hours, and the working hours of an agent.
func (t *tenant) readHours(text []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	var week weekHours
	known := false
	for day := time.Sunday; day <= time.Saturday; day++ {
		list, ok := given[strings.ToLower(day.String())]
		known = known || ok
		spans, err := readSpans(list)
		if err != nil {
			return fmt.Errorf("%s: %w", day, err)
		}
		for _, s := range spans {
			if err := week.open(day, s); err != nil {
				return fmt.Errorf("%s: %w", day, err)
			}
		}
	}
	if !known {
		return errors.New("no day from monday to sunday is named")
	}
	t.hours = &week
	return nil
}

// readSpans reads one span or several; null, false or nothing is none.
func readSpans(text json.RawMessage) (spans []span, err error) {
	switch string(text) {
	case "", "null", "false":
		return nil, nil
	}
	if text[0] == '[' {
		err = json.Unmarshal(text, &spans)
		return spans, err
	}
	var one span
	err = json.Unmarshal(text, &one)
	return []span{one}, err
}

// open adds a span of day to the week, by the minute. A span that ends before it
// begins goes on into the next day, as a night shift does.
func (w *weekHours) open(day time.Weekday, s span) error {
	from, err := minuteOf(s.Start)
	if err != nil {
		return err
	}
	to, err := minuteOf(s.End)
	if err != nil {
		return err
	}
	const midnight = 24 * 60
	switch {
	case from == to:
		return fmt.Errorf("%s to %s is no time", s.Start, s.End)
	case from < to:
		w.add(day, from, to)
	default:
		w.add(day, from, midnight)
		w.add((day+1)%7, 0, to)
	}
	return nil
}

// add opens a day from one minute to another.
func (w *weekHours) add(day time.Weekday, from, to int) {
	for hour := range w[day] {
		overlap := min(to, 60*(hour+1)) - max(from, 60*hour)
		w[day][hour] = min(1, w[day][hour]+float64(max(0, overlap))/60)
	}
}

func minuteOf(clock string) (int, error) {
	if clock == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", clock)
	return t.Hour()*60 + t.Minute(), err
}

// closed reports whether nobody is at work in an hour.
func (t *tenant) closed(hour series.Step) bool {
	day := series.Hourly.Day(hour)
	if share, ok := t.shares[day]; ok && share == 0 {
		return true
	}
	return t.hours != nil && t.hours[series.Weekday(day)][series.Hourly.Hour(hour)] == 0
}

// targets are those that the tenant set, or the usual ones; which is said.
// Shrinkage is no wish: where it was measured, that counts.
func (t *tenant) targets(shrinkage Assumption) (staffing.Targets, map[string]string) {
	targets := staffing.Targets{ServiceLevel: 0.8, Within: 20 * time.Second, MaxOccupancy: 0.85, Shrinkage: 0.3}
	source := map[string]string{"service_level": "usual", "max_occupancy": "usual", "shrinkage": "usual"}
	s := t.staffing
	if share, within, ok := parseLevel(s.ServiceLevel); ok {
		targets.ServiceLevel, source["service_level"] = share, "setting"
		if within != nil {
			targets.Within = *within
		}
	}
	if s.AnswerSeconds != nil {
		targets.Within = inSeconds(*s.AnswerSeconds)
	}
	if s.MaxOccupancy > 0 {
		targets.MaxOccupancy, source["max_occupancy"] = s.MaxOccupancy, "setting"
	}
	if shrinkage.Value != nil {
		targets.Shrinkage, source["shrinkage"] = *shrinkage.Value, shrinkage.Source
	} else if s.Shrinkage != nil {
		targets.Shrinkage, source["shrinkage"] = *s.Shrinkage, "setting"
	}
	return targets, source
}
