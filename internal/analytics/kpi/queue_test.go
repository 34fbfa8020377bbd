package kpi_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// state returns the state of the queue and the facts: noting, filled, ready, rows
// that wait, conversations among the facts.
func state(t *testing.T, owner query) string {
	t.Helper()
	type row struct{ State string }
	return collect[row](t, owner, `SELECT concat_ws(' ', q.noting, q.filled, s.ready, (SELECT count(*) FROM romashka.kpi_changes), (SELECT count(*) FROM romashka.kpi_facts)) AS state
		FROM romashka.queues AS q, romashka.kpi_state AS s WHERE q.name = 'kpi'`)[0].State
}

// Changes are noted from the first run on, until nobody has run the job for a week;
// figures are right at each moment, also for rows written while the noting begins
// or ends.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := database(t)
	until := time.Now().UTC()
	same := func(what, want string) {
		t.Helper()
		if got := state(t, owner); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		as(t, url, alice, func(conn query) { check(t, what, conn, until) })
	}
	step := func() (done int, more bool) {
		t.Helper()
		if err := owner.QueryRow(ctx, "SELECT done, more FROM romashka.refresh_kpi()").Scan(&done, &more); err != nil {
			t.Fatal(err)
		}
		return done, more
	}
	const add = "INSERT INTO public.conversations (status, created_at) VALUES ('active', now() - interval '1 hour')"
	populate(t, owner, 1, 20, until, 3)
	same("nobody runs the job", "f f f 0 0")

	for _, level := range []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead} {
		exec(t, owner, "UPDATE romashka.queues SET noting = false, filled = false WHERE name = 'kpi'")
		early, err := pgtest.Conn(t, url).BeginTx(ctx, pgx.TxOptions{IsoLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = early.Rollback(ctx) }()
		if level == pgx.ReadCommitted { // it has written; the other has looked, and writes later
			_, err = early.Exec(ctx, add)
		} else {
			_, err = early.Exec(ctx, "SELECT count(*) FROM public.profiles")
		}
		if err != nil {
			t.Fatal(err)
		}
		if done, more := step(); done != 0 || !more {
			t.Errorf("%s: the first step: %d, %v", level, done, more)
		}
		if done, more := step(); done != 0 || more {
			t.Errorf("%s: the second step does not wait: %d, %v", level, done, more)
		}
		exec(t, owner, add) // this one is noted
		if level == pgx.RepeatableRead {
			if _, err := early.Exec(ctx, add); err != nil {
				t.Fatal(err)
			}
		}
		if err := early.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		late, err := pgtest.Conn(t, url).Begin(ctx) // not waited for: it notes its own changes
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = late.Rollback(ctx) }()
		if _, err := late.Exec(ctx, add); err != nil {
			t.Fatal(err)
		}
		if done, more := step(); done == 0 || more {
			t.Errorf("%s: the third step: %d, %v", level, done, more)
		}
		if err := late.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if done, _ := step(); done != 1 {
			t.Errorf("%s: who wrote meanwhile was lost", level)
		}
	}
	same("after the first runs", "t t t 0 26")

	exec(t, owner, "UPDATE romashka.queues SET read_at = now() - interval '8 days' WHERE name = 'kpi'")
	for range 5 {
		exec(t, owner, add)
	}
	same("nobody has run it for a week", "f f t 1 26")
	refresh(t, owner, false)
	same("it is run again", "t t t 0 31")
}
