package rowjson_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/exec/rowjson"
)

// rows are queries whose result must be the same from PostgreSQL and from here.
var rows = []struct{ name, sql string }{
	{"no rows", `SELECT 1 AS a WHERE false`},
	{"no columns", `SELECT FROM generate_series(1, 3)`},
	{"names", `SELECT 1 AS "a", 2 AS "with ""quotes"" and \ and tab	", 3 AS "Größe", 4 AS a`},
	{"nulls", `SELECT NULL::int AS i, NULL::text AS t, NULL::jsonb AS j, NULL::timestamptz AS z, NULL::text[] AS l`},
	{"booleans", `SELECT b FROM unnest(ARRAY[true, false, NULL]) AS b`},
	{"integers", `SELECT i::int2, i::int4, i::int8, i::oid FROM unnest(ARRAY[0, 1, 32767]) AS i UNION ALL SELECT -32768, -2147483648, -9223372036854775808, 4294967295`},
	{"floats", `SELECT f, f::float4 AS g FROM unnest(ARRAY[0, -0.0, 1.5, 1e-20, 1e20, 0.1, 'NaN', 'Infinity', '-Infinity']::float8[]) AS f`},
	{"numerics", `SELECT n FROM unnest(ARRAY[0, 1.50, 1e30, 1e-30, -7.25, 'NaN', 'Infinity', '-Infinity']::numeric[]) AS n`},
	{"text", `SELECT t, t::varchar AS v, t::char(40) AS c FROM unnest(ARRAY['', 'plain', E'"quoted" \\ back', E'\b\f\n\r\t\x01\x1f\x7f', 'Größe 漢字 🙂', '</script>', 'null']) AS t`},
	{"short text", `SELECT 'x'::"char", 'a name'::name`},
	{"every control character", `SELECT chr(i) AS c FROM generate_series(1, 159) AS i`},
	{"json", `SELECT j::json AS j, j::jsonb AS b FROM unnest(ARRAY['{"a":  [1, 2]}', '"x\ny"', 'null', '1.50', E'[1,\n 2]']) AS j`},
	{"uuid and bytes", `SELECT 'd3b07384-d9a0-4e4b-8a3c-1f2e3d4c5b6a'::uuid AS u, '\x00ff5c22'::bytea AS b, ''::bytea AS e`},
	{"addresses", `SELECT '10.0.0.1'::inet, '10.0.0.0/8'::cidr, '::1'::inet AS six, '08:00:2b:01:02:03'::macaddr, '08:00:2b:01:02:03:04:05'::macaddr8`},
	{"of the system", `SELECT '(1,2)'::tid, '7'::xid, '8'::cid, '18446744073709551615'::xid8, '16/B374D848'::pg_lsn, '-1234.5'::money, B'0101'::bit(4), B'11'::varbit`},
	{"shapes", `SELECT '(1,-2.5)'::point, '[(0,0),(1,1)]'::lseg, '((0,0),(1,1))'::path, '(1,1),(0,0)'::box, '((0,0),(1,1))'::polygon, '{1,2,3}'::line, '<(0,0),2>'::circle`},
	{"searched", `SELECT $$'a\b' 'c"d':2A$$::tsvector, $$'a"b' & !'c'$$::tsquery, '$."a\"b"[*]'::jsonpath`},
	{"ranges", `SELECT '[1,5)'::int4range, '(,9]'::int8range, 'empty'::numrange, '[2026-01-01,)'::daterange, '["2026-01-01 10:00","2026-01-02 11:00")'::tsrange, '["2026-01-01 10:00+00",)'::tstzrange`},
	{"several ranges", `SELECT '{[1,5),[7,9)}'::int4multirange, '{}'::int8multirange, '{[1.5,2]}'::nummultirange, '{[2026-01-01,2026-01-03)}'::datemultirange, '{["2026-01-01 10:00","2026-01-02 11:00")}'::tsmultirange, '{["2026-01-01 10:00+00",)}'::tstzmultirange`},
	{"xml", `SELECT '<a b="c">\</a>'::xml AS x`},
	{"intervals", `SELECT i FROM unnest(ARRAY['1 day', '-3 months 2 days 04:05:06.7', '0', '1 year']::interval[]) AS i`},
	{"times", `SELECT '12:34:56.789'::time, '12:34:56+05:30'::timetz, '00:00'::time AS midnight`},
	{"dates", `SELECT d FROM unnest(ARRAY['2026-11-23', '0001-01-01', '0044-03-15 BC', '10000-01-01', 'infinity', '-infinity']::date[]) AS d`},
	{"timestamps", `SELECT t FROM unnest(ARRAY['2026-11-23 07:08:09', '2026-11-23 07:08:09.123456', '2026-11-23 00:00:00.1', '0044-03-15 01:02:03 BC', '20000-01-01 00:00:00', 'infinity', '-infinity']::timestamp[]) AS t`},
	{"timestamps with zones", `SELECT t FROM unnest(ARRAY['2026-11-23 07:08:09+00', '2026-07-23 07:08:09.5+00', '1800-01-01 00:00:00+00', '0044-03-15 01:02:03+00 BC', 'infinity', '-infinity']::timestamptz[]) AS t`},
	{"arrays", `SELECT '{}'::text[] AS none, ARRAY['a', 'b c', NULL, 'NULL', '', 'x"y\z', '{,}', E'\n'] AS t, ARRAY[1, NULL, 3] AS i, ARRAY[[1, 2], [3, 4]] AS square,
		ARRAY[true, false] AS b, ARRAY[1.5, 'NaN']::numeric[] AS n, ARRAY['{"a": "b"}', 'null', '[1, 2]']::jsonb[] AS j, ARRAY['{"a":  1}']::json[] AS json,
		ARRAY['2026-11-23 07:08:09', NULL]::timestamptz[] AS z, ARRAY['2026-11-23']::date[] AS d, ARRAY['d3b07384-d9a0-4e4b-8a3c-1f2e3d4c5b6a']::uuid[] AS u`},
	{"domains", `SELECT 5::information_schema.cardinal_number AS n, 'YES'::information_schema.yes_or_no AS y`},
	{"many", `SELECT i, 'row ' || i AS t FROM generate_series(1, 100) AS i`},
}

// zones have offsets of hours, of minutes and, long ago, of seconds. Read only.
var zones = []string{"UTC", "Asia/Kolkata", "America/St_Johns", "Europe/Amsterdam"}

func TestSameAsPostgres(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Database(t))
	for _, zone := range zones {
		if _, err := conn.Exec(t.Context(), "SELECT set_config('timezone', $1, false)", zone); err != nil {
			t.Fatal(err)
		}
		for _, tt := range rows {
			want := fromPostgres(t, conn, tt.sql)
			got, err := assembled(t.Context(), conn, tt.sql)
			if err != nil || got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s\nerror %v", tt.name, zone, got, want, err)
			}
		}
	}
}

// TestRefusesOtherStyles: a style in which a date is written otherwise is noticed.
func TestRefusesOtherStyles(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Database(t))
	for _, style := range []string{"German", "SQL, DMY", "Postgres, MDY"} {
		if _, err := conn.Exec(t.Context(), "SELECT set_config('datestyle', $1, false)", style); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{`SELECT now() AS t`, `SELECT now()::timestamp AS t`, `SELECT current_date AS t`, `SELECT ARRAY[now()] AS t`} {
			if got, err := assembled(t.Context(), conn, sql); !errors.Is(err, rowjson.ErrText) {
				t.Errorf("%s in style %s: %s, error %v", sql, style, got, err)
			}
		}
	}
}

func TestRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Database(t))
	if _, err := conn.Exec(t.Context(), `CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE pair AS (a int, b int)`); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`SELECT 'sad'::mood AS m`, `SELECT (1, 2)::pair AS p`, `SELECT ROW(1, 2) AS r`, `SELECT '{sad}'::mood[] AS m`, `SELECT '1 2'::int2vector AS v`,
		`SELECT '[2:3]={1,2}'::int[] AS bounds`,
	} {
		if got, err := assembled(t.Context(), conn, sql); err == nil {
			t.Errorf("%s: %s, want a refusal", sql, got)
		}
	}
}

func fromPostgres(t *testing.T, conn *pgx.Conn, sql string) string {
	t.Helper()
	var text string
	// As bytes of json, which nothing rewrites on the way.
	err := conn.QueryRow(t.Context(), "SELECT coalesce(json_agg(_row), '[]')::text FROM ("+sql+") AS _row", pgx.QueryExecModeExec).Scan(&text)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return text
}

var errType = errors.New("type refused")

func assembled(ctx context.Context, conn *pgx.Conn, sql string) (string, error) {
	result := conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, nil)
	defer result.Close()
	shape, ok := rowjson.New(columns(result.FieldDescriptions()))
	if !ok {
		return "", errType
	}
	out := []byte{'['}
	for first := true; result.NextRow(); first = false {
		var err error
		if out, err = shape.AppendRow(out, result.Values(), first); err != nil {
			return string(out), err
		}
	}
	_, err := result.Close()
	return string(append(out, ']')), err
}

func columns(fields []pgconn.FieldDescription) []rowjson.Column {
	list := make([]rowjson.Column, len(fields))
	for i, f := range fields {
		list[i] = rowjson.Column{Name: f.Name, Type: f.DataTypeOID}
	}
	return list
}

// TestAllocatesNothing: into a buffer that is large enough.
func TestAllocatesNothing(t *testing.T) { //nolint:paralleltest // it counts allocations
	shape, values := sample(t)
	buffer := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := shape.AppendRow(buffer, values, true); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%g allocations a row, want 0", n)
	}
}

func BenchmarkAppendRow(b *testing.B) {
	shape, values := sample(b)
	buffer := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shape.AppendRow(buffer, values, true); err != nil {
			b.Fatal(err)
		}
	}
}

// sample is a row of a log.
func sample(t testing.TB) (*rowjson.Shape, [][]byte) {
	t.Helper()
	shape, ok := rowjson.New([]rowjson.Column{
		{"id", 2950}, {"endpoint", 25}, {"method", 25}, {"ip_address", 869}, {"response_code", 23}, {"suspicious_activity", 16},
		{"metadata", 3802}, {"score", 1700}, {"timestamp", 1184}, {"tags", 1009},
	})
	if !ok {
		t.Fatal("a type is not known")
	}
	return shape, [][]byte{
		[]byte("d3b07384-d9a0-4e4b-8a3c-1f2e3d4c5b6a"), []byte("/rest/v1/security_incidents"), []byte("GET"), []byte("10.0.0.1"), []byte("200"), []byte("f"),
		[]byte(`{"attempts": 3}`), []byte("0.75"), []byte("2026-11-23 07:08:09.123456+00"), []byte("{a,b}"),
	}
}
