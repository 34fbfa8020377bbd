package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The days of a tenant that goes on for which shifts are kept, counted from the last
// one that is planned.
const (
	shiftsBefore = 40
	shiftsAfter  = 12
)

// shift is a half of an agent's working day: for when he is planned, and when he was
// there. Nobody there: zero times.
type shift struct {
	n, agent     int
	start, end   time.Time
	since, until time.Time
}

// works reports whether an agent is planned for a weekday: most from Monday to Friday,
// two from Wednesday to Sunday.
func works(agent int, day time.Weekday) bool {
	if agent >= agents*3/4 {
		return day == time.Sunday || day >= time.Wednesday
	}
	return day >= time.Monday && day <= time.Friday
}

// shifts are those of a day. They begin at three times, so that the day is covered.
func (t *tenant) shifts(day time.Time) (list []shift) {
	const half, pause = 4 * time.Hour, 30 * time.Minute
	number := int(day.Unix() / 86400)
	for agent := range agents {
		if !works(agent, day.Weekday()) {
			continue
		}
		r := dice(t.seed, shiftKey, number*agents+agent)
		absent := r.Float64() < .04
		start := day.Add(time.Duration(6+2*(agent%3)) * time.Hour)
		for i := range 2 {
			s := shift{n: 2*(number*agents+agent) + i, agent: agent, start: start, end: start.Add(half)}
			come, leave := after(3*time.Minute, r.NormFloat64(), .7), after(2*time.Minute, r.NormFloat64(), .8)
			if !absent {
				s.since, s.until = s.start.Add(come-2*time.Minute), s.end.Add(min(leave, 10*time.Minute)-90*time.Second)
			}
			list = append(list, s)
			start = s.end.Add(pause)
		}
	}
	return list
}

// allShifts are those of the days that are kept.
func (t *tenant) allShifts() (list []shift) {
	today := t.last.Truncate(24 * time.Hour)
	for d := -shiftsBefore; d < shiftsAfter; d++ {
		list = append(list, t.shifts(today.AddDate(0, 0, d))...)
	}
	return list
}

// roster are the shifts as they are planned.
func (t *tenant) roster() table {
	list := t.allShifts()
	return newTable("agent_shifts", len(list), []string{"id", "agent_id", "starts_at", "minutes", "note", "created_at"}, func(i int) []any {
		s := list[i]
		return []any{key(t.seed, shiftKey, s.n), key(t.seed, agentKey, s.agent), s.start, int(s.end.Sub(s.start).Minutes()), "demo", s.start.AddDate(0, 0, -14)}
	})
}

// attendance are the times that agents were there.
func (t *tenant) attendance(list []shift) table {
	out := newTable("presence", len(list), []string{"agent_id", "since", "until"}, func(i int) []any {
		s := list[i]
		if s.until.After(t.until) {
			return []any{key(t.seed, agentKey, s.agent), s.since, nil}
		}
		return []any{key(t.seed, agentKey, s.agent), s.since, s.until}
	})
	out.schema = "romashka"
	return out
}

// attended are the shifts that somebody has begun by t.until and not left by a moment.
func (t *tenant) attended(list []shift, from time.Time) (kept []shift) {
	for _, s := range list {
		if !s.since.IsZero() && !s.since.After(t.until) && s.until.After(from) {
			kept = append(kept, s)
		}
	}
	return kept
}

// online reports whether an agent is there at t.until.
func (t *tenant) online(agent int) bool {
	if !t.living {
		return agent < agents*3/4
	}
	for _, s := range t.attended(t.shifts(t.until.Truncate(24*time.Hour)), t.until) {
		if s.agent == agent {
			return true
		}
	}
	return false
}

// comeAndGo writes who came and went since a moment.
func (t *tenant) comeAndGo(ctx context.Context, tx pgx.Tx, from time.Time) error {
	query, err := statement("presence.sql")
	if err != nil {
		return err
	}
	for row := range t.attendance(t.attended(t.allShifts(), from)).each {
		if _, err := tx.Exec(ctx, query, row...); err != nil {
			return fmt.Errorf("go on with who is there: %w", err)
		}
	}
	query, err = statement("online.sql")
	if err != nil {
		return err
	}
	for agent := range agents {
		if _, err := tx.Exec(ctx, query, key(t.seed, agentKey, agent), t.online(agent)); err != nil {
			return fmt.Errorf("go on with who is there: %w", err)
		}
	}
	return nil
}
