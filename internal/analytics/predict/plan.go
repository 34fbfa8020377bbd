package predict

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/analytics/staffing"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// The states of a plan beside those of its forecast: without a handling time, and
// with more work than any number of agents that is computed.
const (
	NoAHT    forecast.Status = "no_aht"
	TooLarge forecast.Status = "too_large"
)

// PlanHour is one hour of a plan.
type PlanHour struct {
	DS           string   `json:"ds"`
	Closed       bool     `json:"closed"`
	Forecast     float64  `json:"forecast"` // contacts of all channels
	Volume       float64  `json:"volume"`   // contacts that wait for an agent, at the level of the plan
	Deferred     float64  `json:"deferred"` // contacts that can be put off
	Load         float64  `json:"offered_load"`
	Agents       int      `json:"agents"`    // at work
	Rostered     int      `json:"rostered"`  // on the roster
	Scheduled    *float64 `json:"scheduled"` // whose working hours it is; nil: nobody's are known
	Gap          *float64 `json:"gap"`       // scheduled less rostered
	ServiceLevel *float64 `json:"service_level"`
	ASASeconds   *float64 `json:"asa_seconds"`
	Occupancy    *float64 `json:"occupancy"`
}

// Change is a figure that a caller wants instead of one that is measured or set.
// It is made to the work and targets of each hour.
type Change struct {
	Text  string // as it was given: "volume=+20%"
	Apply func(*staffing.Work, *staffing.Targets)
}

// PlanOptions say how to plan.
type PlanOptions struct {
	Now     time.Time
	Changes []Change
	WhatIf  bool // nothing is written
}

// Plan is the run of a plan with its assumptions.
type Plan struct {
	Run
	Hours []PlanHour `json:"hours"`
	Wage  *float64   `json:"-"`
}

// Staffing plans agents for the hours of a forecast of the conversations up to
// yesterday, and writes the plan and staffing_needs for each day.
//
// States of the forecast are those of the plan; NoAHT and TooLarge are two more.
func Staffing(ctx context.Context, conn *pgx.Conn, o PlanOptions) (Plan, error) {
	var pl planner
	var c counts
	err := jobs.Read(ctx, conn, func(tx pgx.Tx) (err error) {
		pl, c, err = readPlanner(ctx, tx, o.Now)
		return err
	})
	if err != nil {
		return Plan{}, fmt.Errorf("staffing: %w", err)
	}
	pl.changes = o.Changes
	p, err := pl.plan(c)
	if err != nil {
		return Plan{}, fmt.Errorf("staffing: %w", err)
	}
	if o.WhatIf {
		return p, nil
	}
	p.plan = p.Hours
	if err := jobs.Write(ctx, conn, func(tx pgx.Tx) error { return keep(ctx, tx, o.Now, []Run{p.Run}) }); err != nil {
		return Plan{}, fmt.Errorf("staffing: %w", err)
	}
	return p, nil
}

// Cost is that of all hours on the roster, where a wage is set; else 0.
func (p Plan) Cost() (sum float64) {
	for _, h := range p.Hours {
		sum += float64(h.Rostered) * deref(p.Wage)
	}
	return sum
}

// planner holds the figures that hours are planned with.
type planner struct {
	tenant    *tenant
	measures  measures
	handling  handling
	shrinkage Assumption // as measured
	targets   staffing.Targets
	level     staffing.Level
	changes   []Change
	scheduled *weekHours // sum over agents, nil: nobody's hours are known
}

func readPlanner(ctx context.Context, tx pgx.Tx, now time.Time) (pl planner, c counts, err error) {
	t, err := readTenant(ctx, tx)
	if err != nil {
		return pl, c, err
	}
	pl = planner{tenant: &t, level: staffing.P50}
	if t.staffing.Level == "p80" {
		pl.level = staffing.P80
	}
	if pl.measures, err = readMeasures(ctx, tx, &t, now); err != nil {
		return pl, c, err
	}
	shifts, err := readShifts(ctx, tx)
	if err != nil {
		return pl, c, err
	}
	signs, err := readSigns(ctx, tx, t.zone, now)
	if err != nil {
		return pl, c, err
	}
	pl.scheduled, pl.shrinkage = together(shifts), shrinkage(shifts, signs)
	c, err = readCounts(ctx, tx, t.zone, now)
	return pl, c, err
}

// plan forecasts the hours and plans each of them.
func (pl *planner) plan(c counts) (Plan, error) {
	v, err := newVolume(pl.tenant, c)
	if err != nil {
		return Plan{}, err
	}
	ahead, err := v.forecast(all, series.Hourly, 0)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Run: ahead, Wage: pl.tenant.staffing.Wage}
	p.Metric, p.Details = Staff, map[string]any{"accuracy_of": "volume forecast by hour", "unit": "largest number of people on the roster in an hour"}
	note(&p.Run, pl.tenant.faults)
	var source map[string]string
	pl.targets, source = pl.tenant.targets(pl.shrinkage)
	pl.handling = pl.measures.handling(pl.tenant, v.shares())
	pl.describe(&p, source)
	points := p.Points
	p.Points, p.Totals, p.Ceiling, p.TargetReachable, p.MeanVolume = []forecast.Point{}, []forecast.Total{}, nil, nil, nil
	if !p.has() {
		return p, nil
	}
	switch err = pl.fill(&p, points); {
	case errors.Is(err, staffing.ErrNoAHT):
		p.refuse(NoAHT, fmt.Sprintf("no AHT: in the last %d days fewer than %d conversations show how long an agent was at work, "+
			"and the setting staffing has no aht_seconds, for all channels or for each", handlingDays, leastCases))
		err = nil
	case errors.Is(err, staffing.ErrTooLarge):
		p.refuse(TooLarge, fmt.Sprintf("an hour needs more than %d agents: look at the forecast, the handling time (%.0f s) and the targets",
			staffing.MaxAgents, deref(pl.handling.AHT.Value)))
		err = nil
	}
	return p, err
}

// refuse makes p a plan without hours.
func (p *Plan) refuse(status forecast.Status, reason string) {
	origin := p.Origin
	p.Forecast, p.Hours = nothing(status, reason), nil
	p.Origin = origin
}

// shares are the parts that channels had of the last weeks.
func (v volume) shares() map[string]float64 {
	shares, sum := map[string]float64{}, 0.0
	from := (v.counts.span.To - channelWindow + 1) * series.HoursPerDay
	for channel, list := range v.counts.channels {
		for _, one := range list {
			if channel != all && one.Step >= from {
				shares[channel], sum = shares[channel]+one.N, sum+one.N
			}
		}
	}
	for channel := range shares {
		shares[channel] /= sum
	}
	return shares
}

// describe tells the grounds of the plan.
func (pl *planner) describe(p *Plan, source map[string]string) {
	p.Details["handling"] = pl.handling
	p.Details["targets"] = map[string]any{
		"service_level": pl.targets.ServiceLevel, "answer_seconds": pl.targets.Within.Seconds(),
		"max_occupancy": pl.targets.MaxOccupancy, "shrinkage": pl.targets.Shrinkage, "source": source, "shrinkage_hours": pl.shrinkage.Count,
	}
	if len(pl.changes) > 0 {
		changed := make([]string, 0, len(pl.changes))
		for _, c := range pl.changes {
			changed = append(changed, c.Text)
		}
		p.Details["changes"] = changed
	}
	p.Details["level"] = map[staffing.Level]string{staffing.P50: "p50", staffing.P80: "p80"}[pl.level]
	p.Details["business_hours"] = pl.tenant.hours != nil
}

// fill plans each hour and tells of each day its largest roster.
func (pl *planner) fill(p *Plan, points []forecast.Point) error {
	var day string
	var peak int
	for i, point := range points {
		h, err := pl.hour(point, pl.level)
		if err != nil {
			return err
		}
		if point.DS[:len(time.DateOnly)] != day {
			day = point.DS[:len(time.DateOnly)]
			peak = i
			p.Points = append(p.Points, forecast.Point{DS: day})
		}
		p.Hours = append(p.Hours, h)
		if h.Rostered > p.Hours[peak].Rostered {
			peak = i
		}
		if err := pl.bounds(&p.Points[len(p.Points)-1], p.Hours[peak], points[peak], i == len(points)-1 || points[i+1].DS[:len(day)] != day); err != nil {
			return err
		}
	}
	return nil
}

// bounds tells, when a day is done, the agents that the volume's bounds of its
// fullest hour would need.
func (pl *planner) bounds(d *forecast.Point, h PlanHour, at forecast.Point, done bool) error {
	if !done {
		return nil
	}
	d.Mean = float64(h.Rostered)
	for _, b := range []struct {
		volume float64
		to     *float64
	}{{at.Lo95, &d.Lo95}, {at.Lo80, &d.Lo80}, {at.Hi80, &d.Hi80}, {at.Hi95, &d.Hi95}} {
		if h.Closed {
			continue
		}
		bound, err := pl.hour(forecast.Point{DS: at.DS, Mean: b.volume, Hi80: b.volume}, staffing.P50)
		if err != nil {
			return err
		}
		*b.to = float64(bound.Rostered)
	}
	return nil
}

// hour plans one hour: those who wait in a queue, and the work that can be put off.
func (pl *planner) hour(point forecast.Point, level staffing.Level) (PlanHour, error) {
	step, err := series.Hourly.ParseLabel(point.DS)
	if err != nil {
		return PlanHour{}, err
	}
	h := PlanHour{DS: point.DS, Closed: pl.tenant.closed(step), Forecast: point.Mean}
	if pl.scheduled != nil {
		at := pl.scheduled[series.Weekday(series.Hourly.Day(step))][series.Hourly.Hour(step)]
		h.Scheduled = &at
	}
	volume := staffing.Hour{Mean: point.Mean, High: point.Hi80, Closed: h.Closed}.Demand(level, deref(pl.handling.AIShare.Value))
	later := pl.handling.deferredShare()
	queue, shrinkage, err := pl.figures(pl.handling.work(), volume*(1-later))
	if err != nil {
		return h, err
	}
	h.Volume, h.Deferred, h.Load = round(volume*(1-later)), round(volume*later), round(queue.OfferedLoad)
	h.ServiceLevel, h.ASASeconds, h.Occupancy = queue.ServiceLevel, queue.ASASeconds, queue.Occupancy
	if h.Agents, err = pl.withLater(queue, volume*later); err != nil {
		return h, err
	}
	h.Rostered = staffing.Rostered(h.Agents, shrinkage)
	if h.Scheduled != nil {
		gap := round(*h.Scheduled - float64(h.Rostered))
		h.Gap = &gap
	}
	return h, nil
}

// withLater is the number of agents who also do the work that can be put off. They
// do it while nobody waits: it takes more people only where all work together is
// more than the cap of occupancy allows.
func (pl *planner) withLater(queue staffing.Figures, volume float64) (int, error) {
	if volume == 0 {
		return queue.Agents, nil
	}
	later, _, err := pl.figures(pl.handling.later(), volume)
	if err != nil {
		return 0, err
	}
	erlangs := staffing.Work{Volume: queue.OfferedLoad + later.OfferedLoad, Interval: time.Hour, AHT: time.Hour, Deferred: true}
	_, t := pl.changed(erlangs)
	work, err := staffing.Smallest(erlangs, t)
	return max(queue.Agents, work.Agents), err
}

// figures are those of a volume of work, changed as the caller wants, and the
// shrinkage to put people on the roster with.
func (pl *planner) figures(w staffing.Work, volume float64) (staffing.Figures, float64, error) {
	w.Volume = volume
	w, t := pl.changed(w)
	f, err := staffing.Smallest(w, t)
	return f, t.Shrinkage, err
}

// changed is w and the targets with the caller's wishes in their place. Work that
// can be put off is done one by one, however many chats at a time are wished for.
func (pl *planner) changed(w staffing.Work) (staffing.Work, staffing.Targets) {
	t := pl.targets
	for _, c := range pl.changes {
		c.Apply(&w, &t)
	}
	if w.Deferred {
		w.Factor = 1
	}
	return w, t
}

func deref(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
