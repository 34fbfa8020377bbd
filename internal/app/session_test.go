package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// kinds is a table of each type whose text depends on a setting, as itself, in
// an array and in a domain.
const kinds = `
	CREATE DOMAIN moment AS timestamptz;
	CREATE TYPE pair AS (at timestamptz, for_ interval);
	CREATE TABLE kinds (
		id int PRIMARY KEY, d date, ts timestamp, tz timestamptz, t time, ttz timetz, i interval, b bytea, f4 float4, f8 float8, n numeric,
		m money, x xml, c "char", j json, jb jsonb, u uuid, a inet, w moment, p pair, r tstzrange,
		da date[], tsa timestamp[], tza timestamptz[], ia interval[], ba bytea[], fa float8[], ra tstzrange[]);
	INSERT INTO kinds (id, d, ts, tz, t, ttz, i, b, f4, f8, n, m, x, c, j, jb, u, a, w, p, r, da, tsa, tza, ia, ba, fa, ra) VALUES
		(1, '2026-02-03', '2026-02-03 04:05:06.789', '2026-07-03 04:05:06+00', '04:05:06', '04:05:06+02', '1 year 2 mons -3 days 04:05:06.7', '\x00ff5c22275c0a41',
		 0.1, 0.1::float8 + 0.2, 1.50, 1234.5, '<a>"1"</a>', 'k', '{"a" : "\\ é"}', '{"a": "\\ é"}', '00000000-0000-4000-8000-000000000001', '10.0.0.1/8',
		 '2026-07-03 04:05:06+00', ('2026-07-03 04:05:06+00', '-1 day'), '["2026-07-03 04:05:06+00",)',
		 '{2026-02-03,NULL,infinity}', '{"2026-02-03 04:05:06"}', '{"2026-02-03 04:05:06+00",NULL}', '{"1 day",-01:02:03}', '{"\\x5c22","\\x00"}', '{0.1,1e300,NaN,-Infinity}', '{"[2026-07-03 04:05:06+00,)"}'),
		(2, '0044-03-15 BC', '0044-03-15 01:02:03 BC', '0044-03-15 01:02:03+00 BC', '24:00:00', '00:00:00-15:59', '-1 mons', '', 'NaN', 1e-300, 'NaN',
		 -0.01, '<a/>', '', 'null', 'null', NULL, '::1', 'infinity', NULL, 'empty', '{}', '{-infinity}', '{}', '{}', '{}', '{}', '{}'),
		(3, '12345-06-07', '12345-06-07 01:02:03', '12345-06-07 01:02:03+00', NULL, NULL, '00:00:00', E'\\\\134''"', 1e10, 123456789.123456789, 1e20,
		 0, NULL, '"', '[]', '[]', NULL, NULL, '1800-01-01 00:00:00+00', NULL, NULL, NULL, NULL, '{"1800-01-01 00:00:00+00"}', '{"1 year"}', NULL, '{1e15,1e-7}', NULL);
	GRANT ALL ON kinds TO anon;`

// TestRolesWithSettings: whichever settings the role and the database have for
// dates, intervals, bytes and numbers, rows are as json_agg gives them in a
// session with the same settings.
func TestRolesWithSettings(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{
		"DateStyle = 'German'; TimeZone = 'Europe/Moscow'; IntervalStyle = 'iso_8601'",
		"DateStyle = 'SQL, DMY'; TimeZone = 'America/St_Johns'; IntervalStyle = 'sql_standard'; bytea_output = 'escape'",
		"DateStyle = 'Postgres, MDY'; TimeZone = 'Asia/Kathmandu'; IntervalStyle = 'postgres_verbose'; extra_float_digits = 0",
		"DateStyle = 'ISO, YMD'; TimeZone = 'Africa/Monrovia'; extra_float_digits = -10; bytea_output = 'escape'; xmlbinary = 'hex'",
		"TimeZone = '<-03:30>+03:30'; extra_float_digits = 3; lc_monetary = 'C'; standard_conforming_strings = off; backslash_quote = off",
		"quote_all_identifiers = on; array_nulls = off; xmloption = 'document'; lc_messages = 'C'; escape_string_warning = on",
	} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			owner := pgtest.Database(t)
			conn := pgtest.Conn(t, owner)
			run(t, conn, kinds)
			for i, setting := range strings.Split(settings, "; ") {
				of := []string{"ROLE authenticator IN DATABASE", "DATABASE"}[i%2]
				run(t, conn, fmt.Sprintf("DO $do$ BEGIN EXECUTE format('ALTER %s %%I SET %s', current_database()); END $do$", of, strings.ReplaceAll(setting, "'", "''")))
			}
			api := pgtest.As(t, owner, "authenticator")
			plain := pgtest.Conn(t, api) // a session as PostgREST's
			run(t, plain, "SET ROLE anon")
			r := start(t, api, nil).ready(t)
			for _, columns := range []string{
				"*", "id,d,ts,tz,t,ttz,i", "id,b,f4,f8,n,m,x,c,j,jb,u,a,w,p,r", "id,da,tsa,tza,ia,ba,fa,ra", "id,tz", "id,i", "id,b", "id,f8,fa", "id,ia,ba",
			} {
				for round := range 3 { // the first request of its form, and later ones
					var want string
					err := plain.QueryRow(t.Context(), "SELECT json_agg(_t)::text FROM (SELECT "+columns+" FROM kinds ORDER BY id) AS _t").Scan(&want)
					if err != nil {
						t.Fatal(err)
					}
					if status, got, _ := ask(t, "GET", r.URL+"/kinds?order=id&select="+columns, ""); status != 200 || got != want {
						t.Errorf("select=%s, round %d: %d\n got %s\nwant %s", columns, round, status, got, want)
					}
				}
			}
			status, got, _ := ask(t, "POST", r.URL+"/kinds?select=id,c,j,f8,n", `{"id":9,"c":"\\","j":{"a":"\\d'\""},"f8":0.30000000000000004}`,
				"Content-Type: application/json", "Prefer: return=representation")
			if status != 201 || !strings.Contains(got, `{"a":"\\d'\""}`) {
				t.Errorf("a value with quotes and backslashes: %d %s", status, got)
			}
			if status, got, _ := ask(t, "GET", r.URL+`/kinds?id=eq.9&select=id&c=eq.%5C`, ""); status != 200 || got != `[{"id":9}]` {
				t.Errorf("a filter by a backslash: %d %s", status, got)
			}
		})
	}
}
