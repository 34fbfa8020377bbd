package apilog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// measureEvery is how often the table's size is read.
const measureEvery = time.Minute

func (w *Writer) measureDue() bool { return time.Since(w.sized) >= measureEvery }

// measure reads the table's size where it is due, and holds it against the
// ceiling.
func (w *Writer) measure(ctx context.Context) error {
	if !w.measureDue() {
		return nil
	}
	var size int64
	err := w.conn.QueryRow(ctx, sql.APILogSize).Scan(&size)
	w.sized = time.Now()
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok { // the rows matter more
		w.log.LogAttrs(ctx, slog.LevelWarn, "the size of the API security log cannot be read", slog.Any("err", refusal))
		return nil
	}
	if err != nil {
		return fmt.Errorf("measure api_security_logs: %w", err)
	}
	w.size.Store(size)
	l := levelOf(size, w.ceiling)
	if !w.thin.setLevel(l) {
		return nil
	}
	attrs := []slog.Attr{slog.Int64("bytes", size), slog.Int64("ceiling", w.ceiling)}
	const remedy = "delete old rows (ROMASHKA_JOBS keeps to data_retention_policies), or raise romashka-api-log-ceiling"
	switch l {
	case takesAll:
		w.log.LogAttrs(ctx, slog.LevelWarn, "the API security log is below its ceiling again", attrs...)
	case takesEvidence:
		w.log.LogAttrs(ctx, slog.LevelWarn, "the API security log nears its ceiling: only sign-ins and refusals are written; "+remedy, attrs...)
	case takesNothing:
		w.log.LogAttrs(ctx, slog.LevelError, "the API security log is at its ceiling: nothing is written; "+remedy, attrs...)
	}
	return nil
}

// levelOf keeps the last tenth for evidence.
func levelOf(size, ceiling int64) level {
	switch {
	case ceiling == 0 || size < ceiling/10*9:
		return takesAll
	case size < ceiling:
		return takesEvidence
	default:
		return takesNothing
	}
}
