package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/insight"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// Every is how often the job looks whether a week is over, and has not been judged.
const Every = time.Hour

// How long sentences hold, and how many are written for one week.
const (
	insightHolds = 14 * 24 * time.Hour
	adviceHolds  = 28 * 24 * time.Hour
	mostTold     = 10
	ripe         = 4 * time.Hour // after the week: by then an unanswered conversation is a missed one
)

// Run judges the last week that is over, if nobody has, and measures the effect
// of recommendations that have ended.
func Run(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	return RunAt(ctx, conn, time.Now())
}

// RunAt is Run at another moment.
func RunAt(ctx context.Context, conn *pgx.Conn, now time.Time) (jobs.Result, error) {
	var w *week
	if err := jobs.Read(ctx, conn, func(tx pgx.Tx) (err error) {
		w, err = readWeek(ctx, tx, now)
		return err
	}); err != nil {
		return jobs.Result{}, fmt.Errorf("insights: %w", err)
	}
	if w == nil {
		return jobs.Result{Text: "no week to judge", Idle: true}, nil
	}
	w.judge()
	measured := 0
	if err := jobs.Write(ctx, conn, func(tx pgx.Tx) (err error) {
		if measured, err = w.measure(ctx, tx); err != nil {
			return err
		}
		return w.write(ctx, tx)
	}); err != nil {
		return jobs.Result{}, fmt.Errorf("insights: %w", err)
	}
	return jobs.Result{
		Text: fmt.Sprintf("%d changes of %d tests, %d recommendations of %d, %d outcomes", len(w.changes), w.changeTests, len(w.advice), w.adviceTests, measured),
	}, nil
}

// week is the one that is judged, with the weeks before.
type week struct {
	calendar calendar
	edges    []time.Time                  // of reach + 1 weeks, and their end
	short    []time.Time                  // of adviceOver + 1 weeks
	parts    map[string]map[string][]sums // by dimension and value, over edges
	order    map[string][]string
	hours    map[string][]sums // over short, as reasons
	reasons  map[string][]sums
	listed   map[string][]string

	changes     []insight.Change
	changeTests int
	advice      []insight.Difference
	adviceTests int
}

// readWeek is nil where there is nothing to judge: no facts, or the week was judged.
func readWeek(ctx context.Context, tx pgx.Tx, now time.Time) (*week, error) {
	c, ready, err := readCalendar(ctx, tx, now)
	if err != nil || !ready {
		return nil, err
	}
	end := c.monday(now.Add(-ripe))
	w := &week{calendar: c, edges: c.weeks(end, reach+1), short: c.weeks(end, adviceOver+1), parts: map[string]map[string][]sums{}, order: map[string][]string{}, listed: map[string][]string{}}
	var judged bool
	if err := tx.QueryRow(ctx, statement("judged.sql"), w.monday()).Scan(&judged); err != nil || judged {
		return nil, err
	}
	for _, dimension := range []string{insight.All, "channel", "team", "topic"} {
		if w.parts[dimension], w.order[dimension], err = readSums(ctx, tx, w.edges, dimension, adviceOver); err != nil {
			return nil, err
		}
	}
	if w.reasons, w.listed["reason"], err = readSums(ctx, tx, w.short, "reason", adviceOver); err != nil {
		return nil, err
	}
	w.hours, w.listed["hour"], err = readHours(ctx, tx, w.short, c.zone.String())
	return w, err
}

// monday is the date of the week that is judged.
func (w *week) monday() string { return w.edges[len(w.edges)-2].Format(time.DateOnly) }

// until is the end of the weeks that a figure is judged over.
func (w *week) until(settled bool) int {
	if settled {
		return len(w.edges) - 2
	}
	return len(w.edges) - 1
}

func (w *week) judge() {
	var list []insight.Series
	for _, t := range changing {
		for _, dimension := range []string{insight.All, "channel", "team", "topic"} {
			for _, value := range w.order[dimension] {
				last := w.until(t.settled)
				list = append(list, t.series(w.calendar, w.edges, dimension, value, w.parts[dimension][value][:last]))
			}
		}
	}
	w.changes, w.changeTests = insight.Changes(list)
	w.changes = w.changes[:min(len(w.changes), mostTold)]
	w.advice, w.adviceTests = insight.Differences(w.comparable())
	w.advice = w.advice[:min(len(w.advice), mostTold)]
}

// comparable are the parts of all dimensions over the last weeks.
func (w *week) comparable() (list []insight.Part) {
	for _, a := range advisable {
		parts, order := w.of(a)
		for _, value := range order {
			list = append(list, a.part(value, parts[value]))
		}
	}
	return list
}

// of are the last weeks of the parts that advice is about.
func (w *week) of(a advice) (map[string][]sums, []string) {
	all, order := w.parts[a.dimension], w.order[a.dimension]
	switch a.dimension {
	case "hour":
		all, order = w.hours, w.listed["hour"]
	case "reason":
		all, order = w.reasons, w.listed["reason"]
	}
	last := map[string][]sums{}
	for value, weeks := range all {
		end := len(weeks)
		if a.settled {
			end--
		}
		last[value] = weeks[end-adviceOver : end]
	}
	return last, order
}

// part makes the weeks of a share. The name of the advice stands for the figure, so
// that two of the same figure and dimension would not be mixed up.
func (a advice) part(value string, list []sums) insight.Part {
	p := insight.Part{Figure: a.name, Dimension: a.dimension, Value: value, Better: a.better}
	for _, week := range list {
		num, den := a.of(week)
		p.Weeks = append(p.Weeks, insight.Week{Num: num, Den: den})
	}
	return p
}

func (w *week) write(ctx context.Context, tx pgx.Tx) error {
	for _, c := range w.changes {
		if err := w.writeChange(ctx, tx, c); err != nil {
			return err
		}
	}
	for _, d := range w.advice {
		if err := w.writeAdvice(ctx, tx, d); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, statement("judge.sql"), w.monday(), w.changeTests, len(w.changes), w.adviceTests, len(w.advice))
	if err != nil {
		return fmt.Errorf("note the week: %w", err)
	}
	return nil
}

func (w *week) writeChange(ctx context.Context, tx pgx.Tx, c insight.Change) error {
	t := changing[slices.IndexFunc(changing, func(t tested) bool { return t.figure == c.Series.Figure })]
	last := w.until(t.settled)
	from, to := w.edges[last-1], w.edges[last]
	point := c.Series.Weeks[len(c.Series.Weeks)-1]
	document := map[string]any{
		"text":   c.Sentence(t.words, "the week of "+from.Format("2 January 2006")),
		"figure": t.figure, "dimension": c.Series.Dimension, "value": c.Series.Value,
		"expected": c.Expected, "low": c.Lo95, "high": c.Hi95, "difference": c.Difference, "difference_low": c.DiffLo95, "difference_high": c.DiffHi95,
		"numerator": point.Num, "denominator": point.Den, "p_value": c.P, "p_adjusted": c.Adjusted, "tests": c.Tests, "correction": "holm",
		"weeks": c.Weeks, "year_before": c.YearBefore,
	}
	return w.keep(ctx, tx, finding{
		category: "insight", name: t.figure, value: c.Got, unit: t.words.Unit,
		key: c.Series.Dimension + " " + c.Series.Value + " " + t.figure, figure: t.figure,
		from: from, to: to, holds: insightHolds, document: document,
	})
}

func (w *week) writeAdvice(ctx context.Context, tx pgx.Tx, d insight.Difference) error {
	a := advisable[slices.IndexFunc(advisable, func(a advice) bool { return a.name == d.Part.Figure })]
	last := len(w.short) - 1
	if a.settled {
		last--
	}
	from, to := w.short[last-adviceOver], w.short[last]
	document := map[string]any{
		"text": d.Sentence(a.action(d.Part.Value), a.words), "action": a.name, "figure": a.figure, "dimension": a.dimension, "value": d.Part.Value,
		"share": d.Share, "elsewhere": d.Rest, "rows_counted": d.Rows,
		"expected_effect": map[string]any{"value": d.Effect, "low": d.EffectLo95, "high": d.EffectHi95, "unit": a.unit, "per": "week", "supposes": "it becomes as elsewhere"},
		"p_value":         d.P, "p_adjusted": d.Adjusted, "tests": d.Tests, "correction": "holm", "outcome": nil,
	}
	if a.dimension == "hour" {
		document["hour"] = insight.Hour(d.Part.Value)
	}
	return w.keep(ctx, tx, finding{
		category: "recommendation", name: a.name, value: d.Effect, unit: a.unit,
		key: a.name + " " + d.Part.Value, figure: a.figure,
		from: from, to: to, holds: adviceHolds, document: document,
	})
}

// finding is a row of business_intelligence, as far as changes and advice differ.
type finding struct {
	category, name string
	value          float64
	unit           string
	key            string // one finding of a key is written in a week
	figure         string // of get_conversations
	from, to       time.Time
	holds          time.Duration // after the end of the week
	document       map[string]any
}

// keep writes a finding with its period, and the way to the conversations that it counts.
func (w *week) keep(ctx context.Context, tx pgx.Tx, f finding) error {
	arguments := map[string]string{"figure": f.figure, "from_date": f.from.Format(time.RFC3339), "to_date": f.to.Format(time.RFC3339)}
	dimension, _ := f.document["dimension"].(string)
	part, _ := f.document["value"].(string)
	switch dimension {
	case "channel", "team", "topic":
		arguments[dimension] = part
	case "reason":
		arguments["handoff_reason"] = part
	}
	q := url.Values{}
	for name, v := range arguments {
		q.Set(name, v)
	}
	f.document["rows"] = map[string]any{"function": "get_conversations", "arguments": arguments, "path": "/rpc/get_conversations?" + q.Encode()}
	f.document["period_start"], f.document["period_end"] = f.from, f.to
	f.document["time_zone"], f.document["definitions"] = w.calendar.zone.String(), 1
	text, err := json.Marshal(f.document)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement("write.sql"), f.category, f.name, f.value, f.unit, string(text), f.key, w.monday(), w.edges[len(w.edges)-1].Add(f.holds)); err != nil {
		return fmt.Errorf("write the finding %s: %w", f.name, err)
	}
	return nil
}
