package predict

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// How handling is measured: over eight weeks, where there are enough cases to
// speak of a mean. A pause of more than a quarter of an hour is a conversation
// put aside.
const (
	handlingDays = 56
	leastCases   = 30
	longestPause = 15 * time.Minute
)

// handlingRow is the row of handling.sql.
type handlingRow struct {
	Conversations, NeededAgent, Measured int64
	HandlingSeconds                      float64
	Waits                                int64
	WaitedSeconds                        float64
	LeftWaiting                          int64
}

// Assumption is a figure that a plan rests on, and where it is from: "measured",
// "setting", "given" with the command, or "usual" where a target was never set.
type Assumption struct {
	Value  *float64 `json:"value"` // nil: not known
	Source string   `json:"source"`
	Count  int64    `json:"count,omitempty"` // of the cases it was measured on
}

func known(value float64, source string, count int64) Assumption {
	return Assumption{Value: &value, Source: source, Count: count}
}

// handling is how contacts are handled.
type handling struct {
	AHT      Assumption `json:"aht_seconds"`
	Patience Assumption `json:"patience_seconds"`
	AIShare  Assumption `json:"ai_share"`
	Factor   Assumption `json:"concurrency_factor"`
}

// readHandling measures, and takes the setting for a figure that cannot be measured.
func readHandling(ctx context.Context, tx pgx.Tx, t *tenant, now time.Time) (handling, error) {
	until := startOfDay(now, t.zone)
	rows, err := query(ctx, tx, "handling.sql", until.AddDate(0, 0, -handlingDays), until, longestPause.Seconds())
	if err != nil {
		return handling{}, fmt.Errorf("measure handling: %w", err)
	}
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[handlingRow])
	if err != nil {
		return handling{}, fmt.Errorf("measure handling: %w", err)
	}
	return m.with(t.staffing), nil
}

// with gives the measured figures, else those set.
func (m handlingRow) with(s staffingSettings) handling {
	h := handling{AHT: Assumption{Source: "unknown"}, Patience: Assumption{Source: "unknown"}, AIShare: Assumption{Source: "unknown"}}
	switch {
	case m.Measured >= leastCases && m.HandlingSeconds > 0:
		h.AHT = known(m.HandlingSeconds, "measured", m.Measured)
	case s.AHTSeconds > 0:
		h.AHT = known(s.AHTSeconds, "setting", 0)
	}
	switch {
	case m.LeftWaiting >= leastCases && m.WaitedSeconds > 0:
		// Of an exponential patience that is cut short when an agent answers.
		h.Patience = known(m.WaitedSeconds/float64(m.LeftWaiting), "measured", m.LeftWaiting)
	case s.PatienceSeconds > 0:
		h.Patience = known(s.PatienceSeconds, "setting", 0)
	}
	switch {
	case m.Conversations >= leastCases:
		h.AIShare = known(1-float64(m.NeededAgent)/float64(m.Conversations), "measured", m.Conversations)
	case s.AIShare != nil:
		h.AIShare = known(*s.AIShare, "setting", 0)
	}
	h.Factor = known(1, "usual", 0)
	if factor := staffing.ChatFactor(s.Concurrency); factor > 0 {
		h.Factor = known(factor, "setting", 0)
	}
	return h
}

// work is an hour of contacts that are handled like that, without their volume.
func (h handling) work() staffing.Work {
	w := staffing.Work{Interval: time.Hour, Factor: *h.Factor.Value}
	if h.AHT.Value != nil {
		w.AHT = inSeconds(*h.AHT.Value)
	}
	if h.Patience.Value != nil {
		w.Patience = inSeconds(*h.Patience.Value)
	}
	return w
}
