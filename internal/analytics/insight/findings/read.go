package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/insight"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/sql"
)

// The weeks that are read: as many as an expectation needs, and the same a year
// before; and those that a recommendation rests on.
const (
	reach      = 66
	adviceOver = 8
)

// calendar is the tenant's: his zone, and his holidays.
type calendar struct {
	zone     *time.Location
	holidays map[series.Step]bool
}

func statement(name string) string { return sql.Text(sql.Insight, "insight/"+name) }

// readCalendar also reports whether the facts of figures are kept.
func readCalendar(ctx context.Context, tx pgx.Tx, now time.Time) (c calendar, ready bool, err error) {
	var zone string
	var holidays []byte
	if err := tx.QueryRow(ctx, statement("settings.sql")).Scan(&zone, &holidays, &ready); err != nil {
		return c, false, fmt.Errorf("read settings: %w", err)
	}
	if c.zone, err = time.LoadLocation(zone); err != nil {
		c.zone = time.UTC // PostgreSQL knows it, this machine does not; the beginnings of weeks are then those of UTC
	}
	c.holidays = holidaysOf(holidays, now)
	return c, ready, nil
}

// holidaysOf reads "CZ", {"country": "CZ", "dates": [...]}, or the dates alone.
func holidaysOf(text []byte, now time.Time) map[series.Step]bool {
	days := map[series.Step]bool{}
	if text == nil {
		return days
	}
	var whole struct {
		Country   string            `json:"country"`
		Dates     []json.RawMessage `json:"dates"`
		Campaigns []struct{ From, To string }
	}
	if json.Unmarshal(text, &whole.Country) != nil && json.Unmarshal(text, &whole.Dates) != nil && json.Unmarshal(text, &whole) != nil {
		return days
	}
	for _, raw := range whole.Dates {
		var date string
		var day struct {
			Date string `json:"date"`
		}
		if json.Unmarshal(raw, &date) != nil && json.Unmarshal(raw, &day) == nil {
			date = day.Date
		}
		if at, err := time.Parse(time.DateOnly, date); err == nil {
			days[series.Daily.StepOf(at)] = true
		}
	}
	for _, c := range whole.Campaigns { // no finding: somebody planned it
		from, err1 := series.Daily.ParseLabel(c.From)
		to, err2 := series.Daily.ParseLabel(c.To)
		for day := from; err1 == nil && err2 == nil && day <= min(to, from+366); day++ {
			days[day] = true
		}
	}
	if whole.Country == "" {
		return days
	}
	span := series.Span{From: series.Daily.StepOf(now.AddDate(0, 0, -7*reach-14)), To: series.Daily.StepOf(now)}
	if names, err := series.Holidays(whole.Country, span); err == nil {
		for day := range names {
			days[day] = true
		}
	}
	return days
}

// monday is when the week of a moment begins.
func (c calendar) monday(at time.Time) time.Time {
	at = at.In(c.zone)
	return time.Date(at.Year(), at.Month(), at.Day()-(int(at.Weekday())+6)%7, 0, 0, 0, 0, c.zone)
}

// weeks are the beginnings of n weeks before end, and end.
func (c calendar) weeks(end time.Time, n int) []time.Time {
	edges := make([]time.Time, 0, n+1)
	for i := n; i >= 0; i-- {
		edges = append(edges, time.Date(end.Year(), end.Month(), end.Day()-7*i, 0, 0, 0, 0, c.zone))
	}
	return edges
}

// festive reports whether a holiday lies in the week.
func (c calendar) festive(monday time.Time) bool {
	for i := range 7 {
		if c.holidays[series.Daily.StepOf(time.Date(monday.Year(), monday.Month(), monday.Day()+i, 12, 0, 0, 0, time.UTC))] {
			return true
		}
	}
	return false
}

// readSums reads the parts of a dimension that had most conversations in the last weeks.
func readSums(ctx context.Context, tx pgx.Tx, edges []time.Time, dimension string, recent int) (map[string][]sums, []string, error) {
	rows, err := tx.Query(ctx, statement("weeks.sql"), edges, dimension, most(dimension), len(edges)-recent)
	if err != nil {
		return nil, nil, fmt.Errorf("read weeks by %s: %w", dimension, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sums])
	if err != nil {
		return nil, nil, fmt.Errorf("read weeks by %s: %w", dimension, err)
	}
	parts, order := arrange(list, len(edges)-1)
	return parts, order, nil
}

// readHours reads the hours of the week; only what is missed is known of them.
func readHours(ctx context.Context, tx pgx.Tx, edges []time.Time, zone string) (map[string][]sums, []string, error) {
	rows, err := tx.Query(ctx, statement("hours.sql"), edges, zone)
	if err != nil {
		return nil, nil, fmt.Errorf("read hours: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (s sums, err error) {
		return s, r.Scan(&s.Value, &s.Week, &s.Missed, &s.Asked)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read hours: %w", err)
	}
	parts, order := arrange(list, len(edges)-1)
	return parts, order, nil
}

// arrange puts sums into their weeks; a week without rows is one of zeros.
func arrange(list []sums, weeks int) (parts map[string][]sums, order []string) {
	parts = map[string][]sums{}
	for _, s := range list {
		if parts[s.Value] == nil {
			parts[s.Value] = make([]sums, weeks)
			order = append(order, s.Value)
		}
		if s.Week >= 1 && s.Week <= weeks {
			parts[s.Value][s.Week-1] = s
		}
	}
	return parts, order
}

// series makes the weeks of a figure. Weeks before the first conversation of
// the part are not known, and what is counted has no holidays in it.
func (t tested) series(c calendar, edges []time.Time, dimension, value string, list []sums) insight.Series {
	s := insight.Series{Figure: t.figure, Dimension: dimension, Value: value, Kind: t.kind}
	began := false
	for i, week := range list {
		began = began || week.Conversations > 0
		num, den := t.of(week)
		s.Weeks = append(s.Weeks, insight.Week{Num: num, Den: den, Out: !began || t.kind == insight.Count && c.festive(edges[i])})
	}
	return s
}
