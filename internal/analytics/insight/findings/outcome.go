package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/insight"
)

// after is how many whole weeks after a recommendation are looked at, and one
// more is waited for, in which the last of them settles.
const after = 4

// ended is a recommendation that has ended.
type ended struct {
	ID                     string
	Name, Dimension, Value string
	From, To               time.Time
	Made                   time.Time
}

// measure writes the effect of recommendations, and returns their number.
func (w *week) measure(ctx context.Context, tx pgx.Tx) (int, error) {
	rows, err := tx.Query(ctx, statement("due.sql"), w.edges[len(w.edges)-1], fmt.Sprintf("%d days", 7*(after+1)))
	if err != nil {
		return 0, fmt.Errorf("read recommendations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ended])
	if err != nil {
		return 0, fmt.Errorf("read recommendations: %w", err)
	}
	for _, e := range list {
		if err := w.outcome(ctx, tx, e); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

func (w *week) outcome(ctx context.Context, tx pgx.Tx, e ended) error {
	i := slices.IndexFunc(advisable, func(a advice) bool { return a.name == e.Name })
	if i < 0 {
		return nil // of a version that had other advice
	}
	a := advisable[i]
	begin := w.calendar.monday(e.Made.AddDate(0, 0, 7))
	before, restBefore, err := w.shares(ctx, tx, a, e.Value, w.calendar.weeks(w.calendar.monday(e.To), adviceOver))
	if err != nil {
		return err
	}
	since, restSince, err := w.shares(ctx, tx, a, e.Value, w.calendar.weeks(time.Date(begin.Year(), begin.Month(), begin.Day()+7*after, 0, 0, 0, 0, w.calendar.zone), after))
	if err != nil {
		return err
	}
	o := insight.Came(a.better, before, since, restBefore, restSince)
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement("outcome.sql"), e.ID, string(text), o.Sentence(a.words, a.unit)); err != nil {
		return fmt.Errorf("write an outcome: %w", err)
	}
	return nil
}

// shares are the weeks of a part, and of all others together.
func (w *week) shares(ctx context.Context, tx pgx.Tx, a advice, value string, edges []time.Time) (mine, rest []insight.Week, err error) {
	var parts map[string][]sums
	if a.dimension == "hour" {
		parts, _, err = readHours(ctx, tx, edges, w.calendar.zone.String())
	} else {
		parts, _, err = readSums(ctx, tx, edges, a.dimension, len(edges))
	}
	if err != nil {
		return nil, nil, err
	}
	mine, rest = make([]insight.Week, len(edges)-1), make([]insight.Week, len(edges)-1)
	for name, list := range parts {
		into := rest
		if name == value {
			into = mine
		}
		for i, week := range list {
			num, den := a.of(week)
			into[i].Num, into[i].Den = into[i].Num+num, into[i].Den+den
		}
	}
	return mine, rest, nil
}
