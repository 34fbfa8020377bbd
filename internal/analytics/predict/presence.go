package predict

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// How shrinkage is measured: in hours in which those who are there write so much
// that an agent without a message is away, and over enough of them.
const (
	busyMessages  = 10  // of each agent who is there, in an hour
	leastRostered = 200 // hours of agents
	mostShrinkage = 0.5 // above that, working hours are not those that are worked
)

// shift is when one agent is to work.
type shift struct {
	Agent string
	Hours []byte // working_hours
	week  *weekHours
}

// sign is that an agent was there in an hour of the tenant's clock.
type sign struct {
	Agent    string
	Hour     time.Time
	Messages int64
}

// readShifts reads the working hours of agents. Hours in an unreadable form are
// left out.
func readShifts(ctx context.Context, tx pgx.Tx) (shifts []shift, err error) {
	rows, err := query(ctx, tx, "working_hours.sql")
	if err != nil {
		return nil, fmt.Errorf("read working hours: %w", err)
	}
	var s shift
	_, err = pgx.ForEachRow(rows, []any{&s.Agent, &s.Hours}, func() error {
		var one tenant
		if json.Valid(s.Hours) && one.readHours(s.Hours) == nil {
			shifts = append(shifts, shift{Agent: s.Agent, week: one.hours})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read working hours: %w", err)
	}
	return shifts, nil
}

func readSigns(ctx context.Context, tx pgx.Tx, zone *time.Location, now time.Time) ([]sign, error) {
	until := startOfDay(now, zone)
	rows, err := query(ctx, tx, "presence.sql", zone.String(), until.AddDate(0, 0, -handlingDays), until)
	if err != nil {
		return nil, fmt.Errorf("read who was there: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sign])
	if err != nil {
		return nil, fmt.Errorf("read who was there: %w", err)
	}
	return list, nil
}

// together sums shifts; nil where nobody's are known.
func together(shifts []shift) *weekHours {
	if len(shifts) == 0 {
		return nil
	}
	var sum weekHours
	for _, s := range shifts {
		for day := range sum {
			for hour := range sum[day] {
				sum[day][hour] += s.week[day][hour]
			}
		}
	}
	return &sum
}

// shrinkage is the share of rostered hours in which the agent gave no sign, as far
// as one can tell. Pauses of less than an hour are not seen. An agent counts from
// the first sign on.
func shrinkage(shifts []shift, signs []sign) Assumption {
	busy, there := map[series.Step][2]int64{}, map[string]map[series.Step]bool{}
	first := map[string]series.Step{}
	for _, s := range signs {
		at := series.Hourly.StepOf(s.Hour)
		busy[at] = [2]int64{busy[at][0] + 1, busy[at][1] + s.Messages}
		if there[s.Agent] == nil {
			there[s.Agent], first[s.Agent] = map[series.Step]bool{}, at
		}
		there[s.Agent][at] = true
	}
	rostered, away := int64(0), 0.0
	for at, b := range busy {
		if b[1] < busyMessages*b[0] {
			continue
		}
		for _, s := range shifts {
			if since, seen := first[s.Agent]; !seen || at < since || s.week[series.Weekday(series.Hourly.Day(at))][series.Hourly.Hour(at)] < 1 {
				continue
			}
			rostered++
			if !there[s.Agent][at] {
				away++
			}
		}
	}
	share := away / float64(max(rostered, 1))
	if rostered < leastRostered || share > mostShrinkage {
		return Assumption{Source: "unknown"}
	}
	return known(round(share), "measured", rostered)
}
