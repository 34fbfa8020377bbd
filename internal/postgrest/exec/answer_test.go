package exec_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

const mb = 1 << 20

// assembled asks for the rows of sql as JSON.
func assembled(sql string) *query.Script {
	s := script(query.Tx{ReadOnly: true}, statement(sql, 0), statement("SELECT current_setting('romashka.test')", 1))
	s.Main[0].Assemble, s.Light = true, true
	return s
}

// changing changes something and answers with body.
func changing(sql string) *query.Script {
	s := script(query.Tx{}, statement(sql, 2))
	s.Main[0].BinaryColumn, s.Returns = 1, true
	return s
}

func whole(first []byte, rest [][]byte) string { return string(first) + string(bytes.Join(rest, nil)) }

// TestLargeRowsAreAssembledAsByPostgreSQL: rows that are not read as a whole
// become the same JSON as others, whatever stands beside them.
func TestLargeRowsAreAssembledAsByPostgreSQL(t *testing.T) {
	t.Parallel()
	memory := answer.NewMemory(256*mb, 0)
	e, pool := newExecutor(t, exec.Options{Answers: memory})
	escapes := `E'a"b\\\\c\n\tü€\x01'`
	for _, columns := range []string{
		"repeat('x', 300000) AS v", "repeat(" + escapes + ", 60000) AS v, 1 AS id",
		"g AS id, repeat(" + escapes + ", g * 1000) AS v, NULL::text AS nothing, now() AS at",
		"to_json(repeat('x', 400000)) AS v, to_jsonb(repeat('y', g)) AS w",
		"array_fill('it''s \"so\"'::text, ARRAY[50000]) AS v", "repeat('x', 262120 + g) AS v", "repeat('x', 65530 + g) AS v, repeat('y', 300000) AS w",
		"repeat('ab', 200000)::bytea AS v", "repeat('x', 1000000) AS v", "NULL::text AS a, repeat('x', 300000) AS b, NULL::int AS c",
	} {
		sql := "SELECT " + columns + " FROM generate_series(1, 40) g"
		for range 2 { // the second knows how large the first was
			results, err := e.Run(t.Context(), assembled(sql), nil)
			if err != nil {
				t.Fatalf("%s: %v", columns, err)
			}
			var want string
			if err := pool.QueryRow(t.Context(), "SELECT json_agg(t) FROM ("+strings.ReplaceAll(sql, "now()", "'2026-01-01'::timestamptz")+") t").Scan(&want); err != nil {
				t.Fatal(err)
			}
			got := whole(results[0].JSON, results[0].Rest)
			if strings.Contains(columns, "now()") {
				got = got[:len(`[{"id":1`)] // the time is another
				want = want[:len(got)]
			}
			if got != want || results[0].Count != 40 {
				t.Errorf("%s: %d rows and %d bytes are not PostgreSQL's %d bytes", columns, results[0].Count, len(got), len(want))
			}
			if held := results[0].Held; held < int64(len(got)) && len(got) > 1000 || memory.Stats().Taken != held {
				t.Errorf("%s: %d bytes are held, %d taken", columns, held, memory.Stats().Taken)
			}
			memory.Give(results[0].Held)
		}
	}
}

func TestLargeBodyIsKeptInPieces(t *testing.T) {
	t.Parallel()
	memory := answer.NewMemory(256*mb, 0)
	e, _ := newExecutor(t, exec.Options{Answers: memory})
	for _, size := range []int{10, 200_000, 262_100, 262_200, 300_000, 20 * mb} {
		results, err := e.Run(t.Context(), changing("SELECT 1, repeat('x', "+strconv.Itoa(size)+")::bytea"), nil)
		if err != nil {
			t.Fatal(err)
		}
		row := results[0].Rows[0]
		if got := len(whole(row[1], results[0].Rest)); got != size || len(row[1]) > answer.PieceSize {
			t.Errorf("%d bytes, the first piece %d, want %d", got, len(row[1]), size)
		}
		memory.Give(results[0].Held)
	}
	if taken := memory.Stats().Taken; taken != 0 {
		t.Errorf("%d bytes are still taken", taken)
	}
}

// TestTooLargeAnswerIsRefused: reads of every kind are refused before their
// answer is in memory, and the next request is served.
func TestTooLargeAnswerIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		memory *answer.Memory
		run    *query.Script
		want   string
	}{
		{"many rows", answer.NewMemory(64*mb, 2*mb), assembled("SELECT g, repeat('x', 1000) AS v FROM generate_series(1, 5000) g"), apierr.CodeAnswerTooLarge},
		{"one row", answer.NewMemory(64*mb, 2*mb), assembled("SELECT repeat('x', 3000000) AS v"), apierr.CodeAnswerTooLarge},
		{"by escapes alone", answer.NewMemory(64*mb, 2*mb), assembled("SELECT repeat(E'\\x01', 1000000) AS v"), apierr.CodeAnswerTooLarge},
		{"one value of 200 MB", answer.NewMemory(64*mb, 2*mb), assembled("SELECT repeat('x', 200000000) AS v"), apierr.CodeAnswerTooLarge},
		{"all together", answer.NewMemory(2*mb, 2*mb), assembled("SELECT g, repeat('x', 1000) AS v FROM generate_series(1, 1900) g"), apierr.CodeNoAnswerMemory},
		{"a body", answer.NewMemory(64*mb, 2*mb), script(query.Tx{ReadOnly: true}, statement("SELECT repeat('x', 3000000)", 1)), apierr.CodeAnswerTooLarge},
		{"rows that are kept", answer.NewMemory(64*mb, 2*mb), script(query.Tx{ReadOnly: true}, statement("SELECT repeat('x', 1000) FROM generate_series(1, 5000)", 1)), apierr.CodeAnswerTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, _ := newExecutor(t, exec.Options{Answers: tt.memory})
			for range 2 {
				if tt.want == apierr.CodeNoAnswerMemory {
					tt.memory.Take(mb, true)
				}
				if _, err := e.Run(t.Context(), tt.run, nil); code(err) != tt.want {
					t.Errorf("error %v, want %s", err, tt.want)
				}
				if tt.want == apierr.CodeNoAnswerMemory {
					tt.memory.Give(mb)
				}
				results, err := e.Run(t.Context(), assembled("SELECT id FROM t ORDER BY id"), nil)
				if err != nil || whole(results[0].JSON, nil) != "[{\"id\":1}, \n {\"id\":2}]" {
					t.Fatalf("the next request: %v", err)
				}
				tt.memory.Give(results[0].Held)
			}
			if s := tt.memory.Stats(); s.Taken != 0 || s.TooLarge+s.NoMemory != 2 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestTooLargeAnswerUndoesTheChange: the change is undone, or its answer sent. No
// change is both refused and made.
func TestTooLargeAnswerUndoesTheChange(t *testing.T) {
	t.Parallel()
	insert := func(size int) *query.Script {
		return changing("INSERT INTO t VALUES (3, 'new') RETURNING 1, repeat('x', " + strconv.Itoa(size) + ")::bytea")
	}
	for _, tt := range []struct {
		name   string
		memory *answer.Memory
		run    *query.Script
		check  query.Check
		want   string // "" = made and answered
	}{
		{"beyond the limit, and sure to be taken", answer.NewMemory(64*mb, 2*mb), insert(10 * mb), nil, ""},
		{"larger than that", answer.NewMemory(64*mb, 2*mb), insert(20 * mb), nil, apierr.CodeAnswerTooLarge},
		{"a little larger than that", answer.NewMemory(64*mb, 2*mb), insert(16 * mb), nil, apierr.CodeAnswerTooLarge},
		{"much larger", answer.NewMemory(64*mb, 2*mb), insert(100 * mb), nil, apierr.CodeAnswerTooLarge},
		{"little memory, a small one", answer.NewMemory(8*mb, 2*mb), insert(100), nil, ""},
		{"little memory, a large one", answer.NewMemory(8*mb, 2*mb), insert(3 * mb), nil, apierr.CodeAnswerTooLarge},
		{"no limit of one, and little memory for all", answer.NewMemory(8*mb, 8*mb), insert(7*mb - 1000), nil, apierr.CodeAnswerTooLarge},
		{"checked", answer.NewMemory(64*mb, 2*mb), insert(3 * mb), func([]query.Result) error { return nil }, apierr.CodeAnswerTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{Answers: tt.memory})
			results, err := e.Run(t.Context(), tt.run, tt.check)
			if code(err) != tt.want {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			there, want := 0, 0
			if err == nil {
				tt.memory.Give(results[0].Held)
				want = 1
			}
			if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM t WHERE id = 3").Scan(&there); err != nil || there != want {
				t.Errorf("%d rows, want %d, error %v", there, want, err)
			}
			if taken := tt.memory.Stats().Taken; taken != 0 {
				t.Errorf("%d bytes are still taken", taken)
			}
		})
	}
}

// TestStreamsHoldHalfOfTheConnections: the other half serves requests that do
// not stream.
func TestStreamsHoldHalfOfTheConnections(t *testing.T) {
	t.Parallel()
	e, err := exec.New(newPool(t, pgtest.Database(t), 4), exec.Options{AcquireTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	long := streaming(statement("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", 1), statement("SELECT 1", 1))
	var open []*exec.Cursor
	for range 2 {
		c, err := e.Open(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if _, err := e.Open(t.Context(), long); code(err) != apierr.CodeBusy {
		t.Errorf("a third stream: %v", err)
	}
	if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)), nil); err != nil {
		t.Errorf("no stream: %v", err)
	}
	_, _ = open[0].Close()
	c, err := e.Open(t.Context(), long)
	if err != nil {
		t.Fatalf("after one has ended: %v", err)
	}
	_, _ = c.Close()
	_, _ = open[1].Close()
}

// TestCursorCountsLargeRows: a row that is read whole counts as memory while it
// is held.
func TestCursorCountsLargeRows(t *testing.T) {
	t.Parallel()
	memory := answer.NewMemory(16*mb, 4*mb)
	e, _ := newExecutor(t, exec.Options{Answers: memory})
	rows := func(size int) *query.Script {
		return streaming(statement("SELECT repeat('x', "+strconv.Itoa(size)+") FROM generate_series(1, 10)", 1), statement("SELECT 1", 1))
	}
	c, err := e.Open(t.Context(), rows(3*mb))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, ok := c.Next(); ok; row, ok = c.Next() {
		if n++; len(row[0]) != 3*mb || !c.Large() || memory.Stats().Taken < 3*mb || memory.Stats().Taken > 4*mb {
			t.Fatalf("row %d: %d bytes, %d taken", n, len(row[0]), memory.Stats().Taken)
		}
	}
	if _, err := c.Close(); err != nil || n != 10 || memory.Stats().Taken != 0 {
		t.Errorf("%d rows, %d bytes still taken, error %v", n, memory.Stats().Taken, err)
	}
	if c, err = e.Open(t.Context(), rows(5*mb)); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Next(); ok {
		t.Error("a row that is too large was read")
	}
	if _, err := c.Close(); code(err) != apierr.CodeAnswerTooLarge || memory.Stats().Taken != 0 {
		t.Errorf("error %v, %d bytes still taken", err, memory.Stats().Taken)
	}
}
