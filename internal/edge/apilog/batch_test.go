package apilog

import (
	"log/slog"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// pgx does not wait for the sender of a COPY whose connection ended: the text that it may
// still read is given up. That of a COPY that succeeded is used again.
func TestTextOfAFailedCopyIsGivenUp(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := pgtest.Migrated(t, "supabase_admin")
	w, err := New(Options{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	batch := func() []row {
		rows := []row{newRow(&Entry{Time: time.Now(), Endpoint: "/", Status: 200}, w.hash)}
		identify(rows, time.Now())
		return rows
	}
	conn, other, holder := pgtest.Conn(t, url), pgtest.Conn(t, url), pgtest.Conn(t, url)
	if err := w.writeRows(ctx, conn, batch()); err != nil || cap(w.text) == 0 {
		t.Fatalf("%v, %d bytes kept", err, cap(w.text))
	}
	tx, err := holder.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "LOCK TABLE public.api_security_logs IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- w.writeRows(ctx, conn, batch()) }()
	servicetest.Eventually(t, "the COPY waits, and is ended", func() bool {
		tag, err := other.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pid = $1 AND NOT granted", conn.PgConn().PID())
		return err == nil && tag.RowsAffected() > 0
	})
	if err := <-failed; err == nil || w.text != nil {
		t.Errorf("error %v, %d bytes kept", err, cap(w.text))
	}
}
