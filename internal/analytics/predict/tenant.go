package predict

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// tenant holds the settings. Faults are settings that are not in their
// form: they stand from before the form was checked, and are not used.
type tenant struct {
	zone     *time.Location
	hours    *weekHours // nil: open all the time
	country  string
	shares   map[series.Step]float64
	staffing staffingSettings
	faults   []string
}

// weekHours is the share of each hour of the week that is open.
type weekHours [7][series.HoursPerDay]float64

// staffingSettings is the setting staffing. Zero is not set.
type staffingSettings struct {
	channelSettings
	ServiceLevel  json.RawMessage            `json:"service_level"`
	AnswerSeconds *float64                   `json:"answer_seconds"`
	MaxOccupancy  float64                    `json:"max_occupancy"`
	Shrinkage     *float64                   `json:"shrinkage"`
	AIShare       *float64                   `json:"ai_share"`
	Level         string                     `json:"level"`
	Wage          *float64                   `json:"wage"` // of an hour
	Channels      map[string]channelSettings `json:"channels"`
}

// channelSettings are those that may differ from channel to channel.
type channelSettings struct {
	AHTSeconds      float64 `json:"aht_seconds"`
	PatienceSeconds float64 `json:"patience_seconds"`
	Concurrency     int     `json:"concurrency"`
	Deferred        *bool   `json:"deferred"`
}

func readTenant(ctx context.Context, tx pgx.Tx) (tenant, error) {
	var zone, hours, holidays, staff []byte
	if err := queryRow(ctx, tx, "settings.sql").Scan(&zone, &hours, &holidays, &staff); err != nil {
		return tenant{}, fmt.Errorf("read settings: %w", err)
	}
	t := tenant{zone: time.UTC, shares: map[series.Step]float64{}}
	t.read("time_zone", zone, t.readZone)
	t.read("business_hours", hours, t.readHours)
	t.read("holidays", holidays, t.readHolidays)
	t.read("staffing", staff, func(text []byte) error { return json.Unmarshal(text, &t.staffing) })
	return t, nil
}

// read hands a setting to its reader, where it is set.
func (t *tenant) read(key string, text []byte, with func([]byte) error) {
	if text == nil {
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

func (t *tenant) readHours(text []byte) error {
	var days map[string]json.RawMessage
	if err := json.Unmarshal(text, &days); err != nil {
		return err
	}
	var week weekHours
	for day := time.Sunday; day <= time.Saturday; day++ {
		spans, err := readSpans(days[strings.ToLower(day.String())])
		if err != nil {
			return fmt.Errorf("%s: %w", day, err)
		}
		for _, s := range spans {
			if err := week.open(day, s); err != nil {
				return fmt.Errorf("%s: %w", day, err)
			}
		}
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

// open adds a span of day to the week, by the minute.
func (w *weekHours) open(day time.Weekday, s span) error {
	from, err := minuteOf(s.Start)
	if err != nil {
		return err
	}
	to, err := minuteOf(s.End)
	if err != nil {
		return err
	}
	for hour := range w[day] {
		overlap := min(to, 60*(hour+1)) - max(from, 60*hour)
		w[day][hour] = min(1, w[day][hour]+float64(max(0, overlap))/60)
	}
	return nil
}

func minuteOf(clock string) (int, error) {
	if clock == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", clock)
	return t.Hour()*60 + t.Minute(), err
}

func (t *tenant) readHolidays(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &t.country)
	}
	var known struct {
		Country string            `json:"country"`
		Dates   []json.RawMessage `json:"dates"`
	}
	err := json.Unmarshal(text, &known)
	if text[0] == '[' {
		err = json.Unmarshal(text, &known.Dates)
	}
	if err != nil {
		return err
	}
	t.country = known.Country
	for _, text := range known.Dates {
		var one struct {
			Date  string  `json:"date"`
			Share float64 `json:"share"`
		}
		if text[0] == '"' {
			err = json.Unmarshal(text, &one.Date)
		} else {
			err = json.Unmarshal(text, &one)
		}
		if err != nil {
			return err
		}
		day, err := series.Daily.ParseLabel(one.Date)
		if err != nil {
			return err
		}
		t.shares[day] = one.Share
	}
	return nil
}

// calendar holds the days known in advance. A country without a calendar is
// a fault of the setting, not of the forecast.
func (t *tenant) calendar(days series.Span) series.Calendar {
	c := series.Calendar{Shares: maps.Clone(t.shares)}
	if t.country == "" {
		return c
	}
	holidays, err := series.Holidays(t.country, days)
	if err != nil {
		t.faults = append(t.faults, "setting holidays: "+err.Error())
		return c
	}
	c.Holidays = holidays
	return c
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
		targets.Within = cmp.Or(within, targets.Within)
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

// parseLevel reads 0.8, "0.8" or "0.8/20s".
func parseLevel(text json.RawMessage) (share float64, within time.Duration, ok bool) {
	if len(text) == 0 {
		return 0, 0, false
	}
	first, second, timed := strings.Cut(strings.Trim(string(text), `"`), "/")
	if err := json.Unmarshal([]byte(first), &share); err != nil {
		return 0, 0, false
	}
	if timed {
		var err error
		if within, err = time.ParseDuration(second); err != nil {
			return 0, 0, false
		}
	}
	return share, within, true
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
