package exec_test

import (
	"errors"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// TestLargeMessages holds that a message of the database about a request,
// however long, is no loss of the connection: errors repeat the values they
// refuse.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	e, _ := newExecutor(t, exec.Options{})
	ask := func(sql string) (string, error) {
		results, err := e.Run(t.Context(), script(query.Tx{}, statement(sql, 1)), nil)
		if err != nil || len(results[0].Rows) == 0 {
			return "", err
		}
		return string(results[0].Rows[0][0]), nil
	}
	const raise = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'PGRST', DETAIL = '{"status": 402, "headers": {}}',
		MESSAGE = format('{"code": "X1", "message": "%s"}', repeat('m', 400000)); END $$`
	before, err := ask("SELECT pg_backend_pid()::text")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, sql, code string
		status          int // 0 = no error
	}{
		{"a value", "SELECT repeat('x', 300000)::int", "22P02", 400},
		{"a value of 20 MB", "SELECT repeat('x', 20000000)::int", "22P02", 400},
		{"a value of many bytes a character", "SELECT repeat('€', 7000000)::int", "22P02", 400},
		{"a whole answer", raise, "X1", 402},
		{"a warning of 20 MB", "DO $$ BEGIN RAISE WARNING '%', repeat('x', 20000000); END $$", "", 0},
	} {
		_, err := ask(tt.sql)
		known, _ := errors.AsType[*apierr.Error](err)
		switch {
		case tt.status == 0 && err == nil:
		case known == nil, known.Code != tt.code, known.Status != tt.status:
			t.Errorf("%s: error %.200v", tt.name, err)
		}
		if after, err := ask("SELECT pg_backend_pid()::text"); err != nil || after != before {
			t.Errorf("%s: the connection was lost: %v", tt.name, err)
		}
	}
}
