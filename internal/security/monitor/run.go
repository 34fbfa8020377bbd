package monitor

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
)

// warmUp is how long before a span rows are read, for the memory of users;
// incidents found there belong to another span.
const warmUp = 30 * 24 * time.Hour

// Span is a piece of the past, half-open.
type Span struct{ From, To time.Time }

// Options of Run.
type Options struct {
	Span   Span
	DryRun bool    // writes nothing
	Geo    Locator // nil = none
}

// Result of Run.
type Result struct {
	Found   []detect.Incident // in order of detection
	Written Written
	Events  int
	Missing map[detect.Fact]bool // without which some rules could not be evaluated
}

// Run lets the rules see the rows of a span as if time went by, and writes
// the incidents in one transaction. Again over the same span it writes nothing.
func Run(ctx context.Context, conn *pgx.Conn, o Options) (r Result, err error) {
	err = jobs.Read(ctx, conn, func(tx pgx.Tx) error {
		r, err = find(ctx, tx, o)
		return err
	})
	if err != nil || o.DryRun {
		return r, err
	}
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		r.Written, _, err = write(ctx, tx, r.Found)
		return err
	})
	return r, err
}

func find(ctx context.Context, db querier, o Options) (r Result, err error) {
	may, err := readable(ctx, db)
	if err != nil {
		return r, err
	}
	set, err := settings(ctx, db, may)
	if err != nil {
		return r, err
	}
	d := detect.New(set)
	if err := people(ctx, db, d); err != nil {
		return r, err
	}
	before := o.Span.From.Add(-warmUp)
	if err := past(ctx, db, d, before); err != nil {
		return r, err
	}
	keep := func(list []detect.Incident) { r.Found = append(r.Found, list...) }
	begin := event.MomentOf(o.Span.From)
	err = events(ctx, db, may, before, o.Span.To, func(list []event.Event) error {
		locate(o.Geo, list)
		for i := range list {
			d.Push(&list[i])
		}
		if n := len(list); n > 0 && list[n-1].At >= begin {
			r.Events += n
			keep(d.Take())
		}
		return ctx.Err()
	})
	if err != nil {
		return r, err
	}
	r.Found = latest(r.Found, begin)
	r.Missing, err = missing(ctx, db, may, o.Geo)
	if err != nil {
		return r, fmt.Errorf("look at what the rows tell: %w", err)
	}
	return r, nil
}

// latest keeps the last state of each incident that was detected since begin.
func latest(list []detect.Incident, begin event.Moment) []detect.Incident {
	last := map[string]int{}
	for n := range list {
		last[list[n].Key] = n
	}
	kept := list[:0]
	for n := range list {
		if last[list[n].Key] == n && list[n].DetectedAt >= begin {
			kept = append(kept, list[n])
		}
	}
	detect.Sort(kept)
	return kept
}
