package apilog

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// connect makes the connection where there is none, and looks for the table.
// Without a table nothing is queued; one line of the log says so.
func (w *Writer) connect(ctx context.Context) error {
	if w.conn != nil && !w.conn.IsClosed() && !w.off.Load() {
		return nil
	}
	if w.conn == nil || w.conn.IsClosed() {
		conn, err := w.db.Connect(ctx, service.Statement)
		if err != nil {
			return err
		}
		w.conn = conn
	}
	var present bool
	if err := w.conn.QueryRow(ctx, sql.APILogPresent).Scan(&present); err != nil {
		return fmt.Errorf("look for api_security_logs: %w", err)
	}
	w.off.Store(!present)
	if present {
		w.reported.missing = false
		return nil
	}
	w.queue.All(nil) // entries from before the answer was known
	w.wait = lookAgain
	if !w.reported.missing {
		w.reported.missing = true
		w.log.LogAttrs(ctx, slog.LevelWarn, "no API security log is written: the table public.api_security_logs is missing; romashka migrate up makes it")
	}
	return nil
}

// failed gives the connection up and tries again after a while. It is logged
// once, until it works again.
func (w *Writer) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	w.disconnect(ctx)
	w.wait = w.backoff.Next()
	if !w.reported.failing {
		w.reported.failing = true
		w.log.LogAttrs(ctx, slog.LevelWarn, "the API security log waits for its database", slog.Any("err", err))
	}
}

func (w *Writer) recovered(ctx context.Context) {
	w.backoff.Reset()
	if w.reported.failing {
		w.reported.failing = false
		w.log.LogAttrs(ctx, slog.LevelWarn, "the API security log is written again")
	}
}

func (w *Writer) disconnect(ctx context.Context) {
	if w.conn == nil {
		return
	}
	service.Close(ctx, w.conn)
	w.conn = nil
}

// reportDrops writes at most one line a minute about rows that were lost.
func (w *Writer) reportDrops(ctx context.Context) {
	_, dropped := w.queue.Stats()
	if dropped == w.reported.dropped || time.Since(w.reported.at) < dropReport {
		return
	}
	w.log.LogAttrs(ctx, slog.LevelError, "rows of the API security log were lost",
		slog.Int64("rows", dropped-w.reported.dropped), slog.Int64("total", dropped))
	w.reported.dropped, w.reported.at = dropped, time.Now()
}

// last writes the waiting rows, and logs the number of those that it could not write.
func (w *Writer) last(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushLimit)
	defer cancel()
	w.push(w.thin.close()...)
	for waiting := 1; waiting > 0 && ctx.Err() == nil && !w.off.Load(); waiting, _ = w.queue.Stats() {
		if w.flush(ctx); len(w.batch) > 0 {
			break
		}
	}
	w.batch = w.queue.All(w.batch)
	w.queue.Drop(len(w.batch))
	w.clear()
	w.reported.at = time.Time{}
	w.reportDrops(ctx)
	w.disconnect(ctx)
}
