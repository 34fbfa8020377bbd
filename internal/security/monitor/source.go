package monitor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
	"github.com/romashka/sidecar/sql"
)

// querier is a connection or a transaction.
type querier interface {
	Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, statement string, args ...any) pgx.Row
}

// source is a table that the rules look at.
type source struct {
	table, statement string
	required         bool
	read             func(pgx.Rows) (event.Event, error)
}

// requests is the table that grows fastest.
const requests = "public.api_security_logs"

// sources in the order in which they are read. Read-only.
var sources = []source{
	{requests, sql.MonitorRequests, true, requestOf},
	{"public.security_sessions", sql.MonitorSessions, true, sessionOf},
	{"public.two_factor_auth", sql.MonitorFactors, false, factorOf},
	{"romashka.factor_events", sql.MonitorFactorEvents, false, auditOf},
	{"auth.audit_log_entries", sql.MonitorAudit, false, auditOf},
}

// readable tells which tables may be read. A required one that may not is an
// error, for then nothing found would mean nothing.
func readable(ctx context.Context, db querier) (map[string]bool, error) {
	rows, err := db.Query(ctx, sql.MonitorReadable)
	if err != nil {
		return nil, err
	}
	may := map[string]bool{}
	var name string
	var ok bool
	if _, err := pgx.ForEachRow(rows, []any{&name, &ok}, func() error { may[name] = ok; return nil }); err != nil {
		return nil, err
	}
	for _, s := range sources {
		if s.required && !may[s.table] {
			return nil, fmt.Errorf("%s cannot be read: it is not there (romashka migrate up), or the login may not SELECT from it, or policies hide its rows (BYPASSRLS, or the owner, sees all)", s.table)
		}
	}
	return may, nil
}

const (
	// target is how many rows of the log a piece has, about.
	target = 20_000
	// shortest and widest bound the time of a piece.
	shortest, widest = 10 * time.Second, 12 * time.Hour
)

// events gives the rows of a span to see, in order of their time, in pieces of
// some target rows: that is all that is held of them.
func events(ctx context.Context, db querier, may map[string]bool, from, to time.Time, see func([]event.Event) error) error {
	for piece := time.Hour; from.Before(to); {
		end := from.Add(piece)
		if end.After(to) {
			end = to
		}
		list, err := span(ctx, db, may, from, end)
		if err != nil {
			return err
		}
		if err := see(list); err != nil {
			return err
		}
		piece = time.Duration(float64(end.Sub(from)) * min(4, target/float64(max(1, len(list)))))
		piece = min(max(piece, shortest), widest)
		from = end
	}
	return nil
}

// span reads the events of a span.
func span(ctx context.Context, db querier, may map[string]bool, from, to time.Time) ([]event.Event, error) {
	var list []event.Event
	for _, s := range sources {
		if !may[s.table] {
			continue
		}
		more, err := read(ctx, db, s, s.statement, from, to)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, func(a, b event.Event) int { return event.Compare(&a, &b) })
	return list, nil
}

func read(ctx context.Context, db querier, s source, statement string, args ...any) ([]event.Event, error) {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.table, err)
	}
	list, err := pgx.CollectRows(rows, func(pgx.CollectableRow) (event.Event, error) { return s.read(rows) })
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.table, err)
	}
	return list, nil
}

// people tells the detector who the users are.
func people(ctx context.Context, db querier, d *detect.Detector) error {
	rows, err := db.Query(ctx, sql.MonitorPeople)
	if err != nil {
		return fmt.Errorf("read profiles: %w", err)
	}
	var id, role string
	var created *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &role, &created}, func() error {
		p := detect.Person{Role: role}
		if created != nil {
			p.Created = event.MomentOf(*created)
		}
		d.Know(id, p)
		return nil
	})
	return err
}

// past tells the detector of the sessions before a moment.
func past(ctx context.Context, db querier, d *detect.Detector, before time.Time) error {
	rows, err := db.Query(ctx, sql.MonitorPast, before)
	if err != nil {
		return fmt.Errorf("read security_sessions: %w", err)
	}
	var user string
	var last time.Time
	var n int
	_, err = pgx.ForEachRow(rows, []any{&user, &last, &n}, func() error { d.Recall(user, event.MomentOf(last), n); return nil })
	return err
}
