package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// acks hold the answers that a client got to its writes. Only its own goroutine
// touches them, or the one that has paused the crowd.
type acks struct {
	acked   map[string]bool // writes that were acknowledged
	refused map[string]bool // that were not done, as the answer said

	last   int64 // the counter's value that was last acknowledged
	unsure int64 // counts that may have been done, and did not show yet
}

// enter notes the outcome of r.
func (b *acks) enter(r *request, outcome string) {
	if b.acked == nil {
		b.forget()
	}
	switch {
	case r.bump && outcome != outcomeGood && !certain(outcome):
		b.unsure++
	case r.id == "":
	case outcome == outcomeGood:
		b.acked[r.id] = true
	case certain(outcome):
		b.refused[r.id] = true
	}
}

// counted judges a value of the counter, which must have moved by one, and by
// those whose outcome is not known.
func (b *acks) counted(n int64) error {
	more := n - b.last - 1
	if more < 0 || more > b.unsure {
		return fmt.Errorf("the counter went from %d to %d, with %d of unknown outcome", b.last, n, b.unsure)
	}
	b.last, b.unsure = n, b.unsure-more
	return nil
}

// forget begins anew with the writes; the counter goes on.
func (b *acks) forget() { b.acked, b.refused = map[string]bool{}, map[string]bool{} }

// audit compares the answers with the rows in the database, which it then deletes.
// The crowd must be paused.
func (h *deployment) audit(ctx context.Context) (wrong []string, err error) {
	done := h.project.takeDone()
	counters := map[string]int64{}
	err = h.primary.with(ctx, func(conn *pgx.Conn) error {
		if err := h.readLedger(ctx, conn, done); err != nil {
			return err
		}
		if err := readInto(ctx, conn, "SELECT owner::text, n FROM chaos.counters", counters); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "TRUNCATE chaos.ledger")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	for _, c := range h.crowd.clients {
		wrong = append(wrong, c.acks.compare(done, counters[userID(c.user)])...)
		c.acks.forget()
	}
	for id, times := range done {
		if times > 1 {
			wrong = append(wrong, fmt.Sprintf("the write %s was done %d times", id, times))
		}
	}
	return wrong, nil
}

// readLedger adds the writes that are there to done, and holds whose they are.
func (h *deployment) readLedger(ctx context.Context, conn *pgx.Conn, done map[string]int) error {
	const query = `SELECT id, count(*) + count(*) FILTER (WHERE owner <> ('00000000-0000-4000-8000-' || lpad(split_part(id, '-', 1), 12, '0'))::uuid)
		FROM chaos.ledger GROUP BY id`
	return readInto(ctx, conn, query, done)
}

// readInto fills a map from rows of a key and a value.
func readInto[V any](ctx context.Context, conn *pgx.Conn, query string, into map[string]V) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	var key string
	var value V
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		into[key] = value
		return nil
	})
	return err
}

// compare holds the acknowledged writes against the ones done.
func (b *acks) compare(done map[string]int, counter int64) (wrong []string) {
	for id := range b.acked {
		if done[id] == 0 {
			wrong = append(wrong, "the acknowledged write "+id+" is lost")
		}
	}
	for id := range b.refused {
		if done[id] > 0 && !strings.HasPrefix(id, "up") {
			wrong = append(wrong, "the write "+id+" was refused and done")
		}
	}
	if counter < b.last || counter > b.last+b.unsure {
		wrong = append(wrong, fmt.Sprintf("the counter is %d; it was %d, with %d of unknown outcome", counter, b.last, b.unsure))
	}
	return wrong
}
