package apilog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// columns are the arrays of the insert, one place for each row.
type columns struct {
	endpoint, method, request, response []string
	subject, address                    []*string
	size, status, ms                    []int32
	limited                             []bool
	at                                  []time.Time
	id                                  []uuid.UUID
}

func columnsOf(rows []row) columns {
	var c columns
	for i := range rows {
		r := &rows[i]
		c.endpoint = append(c.endpoint, storable(r.Endpoint, maxEndpoint))
		c.method = append(c.method, storable(r.Method, maxHeader))
		c.subject = append(c.subject, subjectOf(r.Subject))
		c.address = append(c.address, addressOf(r.Address))
		c.size = append(c.size, int4(r.Size))
		c.status = append(c.status, int4(r.Status))
		c.ms = append(c.ms, int4(int(r.Took.Round(time.Millisecond)/time.Millisecond)))
		c.limited = append(c.limited, r.Limited)
		c.request = append(c.request, r.requestHeaders())
		c.response = append(c.response, r.responseHeaders())
		c.at = append(c.at, r.Time)
		c.id = append(c.id, r.id)
	}
	return c
}

func subjectOf(subject string) *string {
	id, err := uuid.Parse(subject)
	if subject == "" || err != nil {
		return nil
	}
	text := id.String()
	return &text
}

func addressOf(address netip.Addr) *string {
	if !address.IsValid() {
		return nil
	}
	text := address.Unmap().WithZone("").String()
	return &text
}

func int4(n int) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// insert writes rows in one transaction and one round trip. A crash of the
// server may lose the last of them, as it loses the queue: waiting for its disk
// would cost the requests more than that is worth.
func insert(ctx context.Context, conn *pgx.Conn, rows []row) error {
	c := columnsOf(rows)
	var batch pgx.Batch
	batch.Queue("SELECT set_config('synchronous_commit', 'off', true)")
	batch.Queue(sql.APILogInsert, c.endpoint, c.method, c.subject, c.address, c.size, c.status, c.ms,
		c.limited, c.request, c.response, c.at, c.id)
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("insert into api_security_logs: %w", err)
	}
	return nil
}

// badRow reports whether the database refused what was written, and would
// refuse it again: a data exception or a broken constraint.
func badRow(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refusal.Code[:2] == "22" || refusal.Code[:2] == "23")
}

// insertAll is insert, but one row that the database refuses does not take the
// others with it. It returns how many were refused.
func insertAll(ctx context.Context, conn *pgx.Conn, rows []row) (refused int, err error) {
	err = insert(ctx, conn, rows)
	switch {
	case !badRow(err):
		return 0, err
	case len(rows) == 1:
		return 1, nil
	}
	half := len(rows) / 2
	left, err := insertAll(ctx, conn, rows[:half])
	if err != nil {
		return left, err
	}
	right, err := insertAll(ctx, conn, rows[half:])
	return left + right, err
}
