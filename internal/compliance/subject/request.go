package subject

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/platform/notify"
)

// request is the row of data_subject_requests by which the person is served.
type request struct {
	ID     string
	DueAt  time.Time `db:"due_at"`
	Filed  bool      // it was there already
	absent bool      // the database has no such table
}

// ErrNoRequest says that there is no open request of that id.
var ErrNoRequest = errors.New("there is no open request with this id")

// openRequest finds the request that is answered, the oldest open one of this
// address and kind, or files one. Without the table there is none.
func openRequest(ctx context.Context, conn *pgx.Conn, o Options, kind string) (r request, err error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('public.data_subject_requests') IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.data_subject_requests') AND attname = 'due_at' AND NOT attisdropped)",
		pgx.QueryExecModeExec).Scan(&there); err != nil {
		return r, fmt.Errorf("look for data_subject_requests: %w", err)
	}
	if !there {
		return request{absent: true}, nil
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		found, err := rows[request](ctx, tx, statement("subject_request"), fold(o.Email), kind, o.Request, o.Regulation)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNoRequest
		}
		r = found[0]
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoRequest) {
		return r, fmt.Errorf("open the request: %w", err)
	}
	return r, err
}

// answered closes the request, or leaves it open where rows are left, and writes
// a line of the trail that names nobody.
func (r request) answered(ctx context.Context, conn *pgx.Conn, action string, complete bool, notes, figures string) error {
	if r.absent {
		return writeLine(ctx, conn, action, complete, figures)
	}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL romashka.erasing = 'on'", pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, statement("subject_answered"), pgx.QueryExecModeExec, r.ID, action, complete, notes, figures)
		return err
	})
	if err != nil {
		return fmt.Errorf("close the request: %w", err)
	}
	return nil
}

// writeLine writes the line of the trail without a request. A database that has no
// trail has no line.
func writeLine(ctx context.Context, conn *pgx.Conn, action string, complete bool, figures string) error {
	_, err := conn.Exec(ctx, statement("subject_told"), pgx.QueryExecModeExec, action, complete, figures)
	if refusal := check.Refusal(err); refusal != nil && (refusal.Code == pgerrcode.UndefinedTable || refusal.Code == pgerrcode.UndefinedColumn) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the line of the trail: %w", err)
	}
	return nil
}

// Remind tells people of requests that are due within a week, or late: one
// message a day. It gives the number of those requests. No person is named.
func Remind(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('romashka.messages') IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.data_subject_requests') AND attname = 'due_at')",
		pgx.QueryExecModeExec).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		type due struct {
			N        int
			Severity string
			Text     string
		}
		found, err := rows[due](ctx, tx, statement("subject_due"))
		if err != nil || len(found) == 0 || found[0].N == 0 {
			return err
		}
		n = found[0].N
		return notify.Enqueue(ctx, tx, notify.Notice{
			Topic: "data_subject_requests.due", Severity: found[0].Severity, Subject: fmt.Sprintf("%d requests of data subjects are due", n),
			Text: found[0].Text, Key: "data_subject_requests.due",
		})
	})
	if err != nil {
		return 0, fmt.Errorf("remind of requests: %w", err)
	}
	return n, nil
}
