package apilog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// columns are the arrays of the insert as PostgreSQL writes them, one place for
// each row. Written by hand they cost a tenth of what encoding slices does, and
// that is felt at thousands of requests a second.
type columns struct {
	endpoint, method, subject, address, size, status, ms, limited, request, response, at, id array
}

// array is an array's text without its braces.
type array []byte

func (a *array) next() {
	if len(*a) > 0 {
		*a = append(*a, ',')
	}
}

// bare adds what needs no quotes; "" is NULL.
func (a *array) bare(text string) {
	a.next()
	if text == "" {
		text = "NULL"
	}
	*a = append(*a, text...)
}

func (a *array) whole(n int) { a.bare(strconv.Itoa(int(int4(n)))) }

func (a *array) text(text string) {
	a.next()
	*a = append(*a, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			*a = append(*a, '\\')
		}
		*a = append(*a, text[i])
	}
	*a = append(*a, '"')
}

func (a array) String() string { return "{" + string(a) + "}" }

func columnsOf(rows []row) columns {
	var c columns
	for i := range rows {
		r := &rows[i]
		c.endpoint.text(storable(r.Endpoint, maxEndpoint))
		c.method.text(storable(r.Method, maxHeader))
		c.subject.bare(subjectOf(r.Subject))
		c.address.bare(addressOf(r.Address))
		c.size.whole(r.Size)
		c.status.whole(r.Status)
		c.ms.whole(int(r.Took.Round(time.Millisecond) / time.Millisecond))
		c.limited.bare(strconv.FormatBool(r.Limited))
		c.request.text(r.requestHeaders())
		c.response.text(r.responseHeaders())
		c.at.text(r.Time.UTC().Format(time.RFC3339Nano))
		c.id.bare(r.id.String())
	}
	return c
}

// subjectOf is "" for what is no UUID.
func subjectOf(subject string) string {
	id, err := uuid.Parse(subject)
	if subject == "" || err != nil {
		return ""
	}
	return id.String()
}

func addressOf(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.Unmap().WithZone("").String()
}

func int4(n int) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// insert writes rows in one transaction and one round trip. A crash of the
// server may lose the last of them, as it loses the queue: waiting for its disk
// would cost the requests more than that is worth.
func insert(ctx context.Context, conn *pgx.Conn, rows []row) error {
	c := columnsOf(rows)
	var batch pgx.Batch
	batch.Queue("SELECT set_config('synchronous_commit', 'off', true)")
	batch.Queue(sql.APILogInsert, c.endpoint.String(), c.method.String(), c.subject.String(), c.address.String(),
		c.size.String(), c.status.String(), c.ms.String(), c.limited.String(), c.request.String(), c.response.String(),
		c.at.String(), c.id.String())
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
