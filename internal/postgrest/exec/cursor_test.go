package exec_test

import (
	"context"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

func streaming(main ...query.Statement) *query.Script {
	s := script(query.Tx{ReadOnly: true}, main...)
	s.Streams, s.Streamed = true, len(main)-2
	return s
}

func TestCursorReadsRowsAndTheRest(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{})
	for range 2 {
		c, err := e.Open(t.Context(), streaming(
			statement("SELECT 'ahead'", 1),
			statement("SELECT g AS n, NULL AS nothing FROM generate_series(1, 5000) g", 2),
			statement("SELECT current_setting('romashka.test')", 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Columns(); len(got) != 2 || got[0] != "n" {
			t.Errorf("columns = %q", got)
		}
		n := 0
		for row, ok := c.Next(); ok; row, ok = c.Next() {
			if n++; row[1] != nil {
				t.Fatalf("NULL = %q", row[1])
			}
		}
		results, err := c.Close()
		if err != nil || n != 5000 || len(results) != 2 || string(results[1].Rows[0][0]) != "here" {
			t.Errorf("%d rows, results %+v, error %v", n, results, err)
		}
	}
	if got := pool.Stat().AcquiredConns(); got != 0 {
		t.Errorf("connections still held: %d", got)
	}
}

func TestCursorLeftEarlyFreesItsPlace(t *testing.T) {
	t.Parallel()
	e, _ := newExecutor(t, exec.Options{}) // one connection
	for range 3 {
		c, err := e.Open(t.Context(), streaming(
			statement("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", 1), statement("SELECT 1", 1)))
		if err != nil {
			t.Fatal(err)
		}
		c.Next()
		if _, err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCursorTellsErrors(t *testing.T) {
	t.Parallel()
	e, _ := newExecutor(t, exec.Options{})
	after := statement("SELECT 1", 1)
	if _, err := e.Open(t.Context(), streaming(statement("SELECT * FROM nowhere", 1), after)); code(err) != "42P01" {
		t.Errorf("before the rows: %v, want 42P01", err)
	}
	c, err := e.Open(t.Context(), streaming(statement("SELECT 1/(1000-g) FROM generate_series(1, 2000) g", 1), after))
	if err != nil {
		t.Fatal(err)
	}
	for _, ok := c.Next(); ok; _, ok = c.Next() {
	}
	if _, err := c.Close(); code(err) != "22012" {
		t.Errorf("among the rows: %v, want 22012", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c, err = e.Open(ctx, streaming(statement("SELECT pg_sleep(0.01) FROM generate_series(1, 100000)", 1), after))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for _, ok := c.Next(); ok; _, ok = c.Next() {
	}
	if _, err := c.Close(); code(err) != apierr.CodeCanceled {
		t.Errorf("after the client left: %v, want that it was canceled", err)
	}
	if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, after), nil); err != nil {
		t.Errorf("run after a broken cursor: %v", err)
	}
}
