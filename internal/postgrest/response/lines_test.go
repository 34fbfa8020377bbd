package response_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/response"
)

func TestAppendCSV(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":    "plain",
		"":         `""`,
		"a,b":      `"a,b"`,
		`say "hi"`: `"say ""hi"""`,
		`back\`:    `"back\\"`,
		"(x)":      `"(x)"`,
		"line\n":   "\"line\n\"",
		"ünïcode":  "ünïcode",
	} {
		if got := string(response.AppendCSV(nil, [][]byte{[]byte(in), nil})); got != want+"," {
			t.Errorf("AppendCSV(%q) = %s, want %s,", in, got, want)
		}
	}
}

// FuzzAppendCSV: our CSV is, byte for byte, PostgreSQL's.
func FuzzAppendCSV(f *testing.F) {
	conn := pgtest.Conn(f, pgtest.Database(f))
	for _, seed := range []string{"", "a", `"`, `\`, "()", " ", "\v\f\r\n\t", "a,b", "ü\u00a0\u2028"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || strings.Contains(a+b, "\x00") {
			return // PostgreSQL's text holds neither
		}
		var want string
		err := conn.QueryRow(t.Context(), "SELECT substring(r::text, 2, length(r::text) - 2) FROM (SELECT $1::text, NULL, $2::text) r", a, b).Scan(&want)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(response.AppendCSV(nil, [][]byte{[]byte(a), nil, []byte(b)})); got != want {
			t.Errorf("AppendCSV(%q, NULL, %q) = %s, want %s", a, b, got, want)
		}
	})
}
