package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// body is one that costs its reader much memory or time.
type body struct {
	name, path, contentType string
	of                      func(size int) string
	refused                 bool // for every role
}

const (
	jsonType = "application/json"
	csvType  = "text/csv"
	formType = "application/x-www-form-urlencoded"
)

// fill repeats text up to size bytes.
func fill(size int, text string) string { return strings.Repeat(text, max(1, size/len(text))) }

// between is head, text as often as it fits, and tail.
func between(head, text, tail string) func(int) string {
	return func(size int) string { return head + fill(size-len(head)-len(tail), text) + tail }
}

// numbered repeats a piece of text with a number in it.
func numbered(head, piece, tail string) func(int) string {
	return func(size int) string {
		var b strings.Builder
		b.Grow(size + len(piece) + len(tail))
		b.WriteString(head)
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, piece, i)
		}
		return b.String() + tail
	}
}

// halfHeader returns CSV whose header, of one piece repeated, is as long as its
// rows.
func halfHeader(piece, row string) func(int) string {
	return func(size int) string { return fill(size/2, piece) + "\n" + fill(size/2, row) }
}

// bodies are the worst that are known, by type.
func bodies() []body {
	table, nowhere := "/swallowed", "/nothing_here"
	return []body{
		{"CSV: one column", table, csvType, between("a\n", "some forty bytes of text to be put there\n", ""), false},
		{"CSV: long header, short rows, no such table", nowhere, csvType, halfHeader("c", "x\n"), true},
		{"CSV: long header, short rows", table, csvType, halfHeader("c", "x\n"), true},
		{"CSV: header of commas", table, csvType, halfHeader(",", "x\n"), true},
		{"CSV: one name repeated", table, csvType, func(size int) string {
			n := size / 4
			return strings.Repeat("a,", n) + "a\n" + strings.Repeat("x,", n) + "x\n"
		}, false},
		{"CSV: many names", table, csvType, numbered("", "c%d,", "a\n1\n"), true},
		{"CSV: many names, many cells", table, csvType, func(size int) string {
			n := size / 12
			return numbered("", "c%d,", "z\n")(size*3/4) + strings.Repeat("1,", n) + "1\n"
		}, true},
		{"CSV: header only", table, csvType, between("", "abc,", "a\n"), false},
		{"CSV: empty values", table, csvType, between("a,b\n", ",\n", ""), false},
		{"CSV: short values of a long name", table, csvType, between("a_name_that_is_as_long_as_postgresql_lets_it_be_which_is_63_byte\n", "x\n", ""), true},
		{"CSV: quotes", table, csvType, between("a,b\n\"", `""`, "\",1\n"), false},
		{"CSV: one huge value", table, csvType, between("a\n", "x", "\n"), false},
		{"CSV: control characters", table, csvType, between("a\n", "\x01\x1f\x02", "\n"), false},
		{"JSON: ordinary", table, jsonType, between("[", `{"a":"some forty bytes of text to be put there","b":"x"},`, `{"a":"","b":""}]`), false},
		{"JSON: empty objects", table, jsonType, between("[", "{},", "{}]"), false},
		{"JSON: distinct keys", table, jsonType, numbered("{", `"%d":1,`, `"a":1}`), true},
		{"JSON: distinct keys for a function", "/rpc/take_json", jsonType, numbered("{", `"%d":1,`, `"a":1}`), false},
		{"JSON: one key repeated", table, jsonType, between("{", `"a":1,`, `"a":1}`), false},
		{"JSON: one long key", table, jsonType, between(`{"`, `\n`, `":1}`), true},
		{"JSON: nesting", table, jsonType, func(size int) string {
			return `{"a":` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2) + "}"
		}, true},
		{"JSON: escapes", table, jsonType, between(`[{"a":"`, `\u0001\"`, `"}]`), false},
		{"JSON: tiny strings", "/rpc/take_json", jsonType, between("[", `"",`, `""]`), true},
		{"JSON: big number", table, jsonType, between(`{"n":1`, "0", "}"), true},
		{"JSON: no number", table, jsonType, between(`{"n":"`, "x", `"}`), true},
		{"JSON: cut", table, jsonType, between(`[{"a":"`, "x", ""), true},
		{"JSON: not looked at", table + "?columns=a", jsonType, between("[", `{"a":1},`, `{"a":1}]`), false},
		{"form: one name repeated", "/rpc/take_text", formType, between("", "a=b&", "a=b"), true},
		{"form: separators", table, formType, between("", "&", ""), true},
		{"form: escapes", table, formType, between("a=", "%41+", ""), false},
		{"form: escapes for a function", "/rpc/take_text", formType, between("a=", "%41+", ""), false},
		{"form: many values", "/rpc/take_list", formType, func(size int) string {
			return strings.Repeat("a=%22&", min(40_000, size/12)) + "a=" + fill(size/2, `"`)
		}, false},
		{"text", "/rpc/take_raw_text", "text/plain", between("", "text ", ""), false},
		{"bytes", "/rpc/take_bytes", "application/octet-stream", between("", "\x00\xff", ""), false},
		{"XML", "/rpc/take_xml", "text/xml", between("<a>", "<b/>", "</a>"), false},
		{"multipart", table, "multipart/form-data; boundary=x", between("--x\r\n", "--x\r\n", ""), true},
	}
}

// swallowing is a schema that takes everything and keeps nothing, so that the
// database's own work is small.
const swallowing = `
CREATE TABLE public.swallowed(a text, b text, n numeric, j json);
CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON public.swallowed FOR EACH ROW EXECUTE FUNCTION public.swallow();
GRANT INSERT, SELECT ON public.swallowed TO anon;
CREATE FUNCTION public.take_json(json) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.take_text(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.take_list(VARIADIC a text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.take_raw_text(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.take_bytes(bytea) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.take_xml(xml) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO anon;
`

const swallowSecret = "a-secret-of-at-least-thirty-two-characters"

// swallower is a database with the schema above and a binary to serve it.
type swallower struct {
	pg     *pgtest.PrivateServer
	binary string
	token  string
}

func newSwallower(t *testing.T) *swallower {
	t.Helper()
	s := &swallower{pg: pgtest.Server(t), binary: buildWith(t, false)}
	if _, err := pgtest.Conn(t, s.pg.URL("postgres")).Exec(context.Background(), swallowing); err != nil {
		t.Fatal(err)
	}
	// Since PostgreSQL 16 nobody changes a role that he does not administer.
	if _, err := pgtest.Conn(t, s.pg.URL("supabase_admin")).Exec(context.Background(), "ALTER ROLE anon SET statement_timeout = '5s'"); err != nil {
		t.Fatal(err)
	}
	made := run(t, s.binary, []string{"SUPABASE_JWT_SECRET=" + swallowSecret}, "token", "--role", "anon")
	if err := made.wait(); err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(made.out.String())
	return s
}

// environment returns the settings of serve.
func (s *swallower) environment() []string {
	return []string{
		"SUPABASE_DB_URL=" + s.pg.URL("authenticator"), "SUPABASE_JWT_SECRET=" + swallowSecret, "PGRST_DB_ANON_ROLE=anon",
		"PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT=0", "PGRST_LOG_LEVEL=info",
	}
}

// peak is the most memory that a process has had, in bytes.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	return p.memory(t, "VmHWM")
}

// memory is a figure of /proc, in bytes.
func (p *process) memory(t *testing.T, figure string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		t.Skipf("/proc does not tell how much memory a process has: %v", err)
	}
	found := regexp.MustCompile(figure + `:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Skip("/proc does not tell how much memory a process has had")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n * kilobyte
}

// full reports whether memory is to be measured with the largest bodies, which
// takes minutes: `make memory`.
func full() bool { return os.Getenv("ROMASHKA_TEST_MEMORY") == "full" }

// A body costs a sidecar no more than 64 MB and four times its size, for any
// content and any sender.
func TestBodiesCostLittle(t *testing.T) {
	t.Parallel()
	size := 8 * megabyte
	if full() {
		size = 30 * megabyte
	}
	s := newSwallower(t)
	for i, b := range bodies() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			text := b.of(size)
			p := run(t, s.binary, s.environment(), "serve")
			c := caller{url: p.listening()}
			if i%2 == 1 { // with a key it costs the same
				c.token = s.token
			}
			a, err := c.try("POST", "/rest/v1"+b.path, text, "Content-Type: "+b.contentType)
			if err != nil {
				t.Errorf("no answer: %v", err)
				t.Logf("%s", firstOf(p.log.String(), 2000))
				return
			}
			most, limit := p.peak(t), 64*megabyte+4*len(text)
			t.Logf("%s: %3d MB of memory for %d MB: %d %s", b.name, most/megabyte, len(text)/megabyte, a.Status, firstOf(a.Body, 120))
			if most > limit {
				t.Errorf("%d MB of memory, want %d at most", most/megabyte, limit/megabyte)
			}
			if late := a.code() == "57014"; !late && (a.Status >= 500 || (a.Status >= 400) != b.refused) {
				t.Errorf("%d %s", a.Status, firstOf(a.Body, 200))
			}
		})
	}
}

func firstOf(text string, n int) string { return text[:min(len(text), n)] }
