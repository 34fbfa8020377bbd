package migrator_test

import (
	"context"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestSettingForms: a value is refused where its reader would not understand it.
func TestSettingForms(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	for _, tt := range []struct{ key, value, want string }{
		{"time_zone", `"Europe/Prague"`, ""},
		{"time_zone", `"UTC"`, ""},
		{"time_zone", `"Mars/Olympus"`, "want the name of a time zone"},
		{"time_zone", `"CET-1CEST"`, "want the name of a time zone"},
		{"time_zone", `{"name": "UTC"}`, "want the name of a time zone"},
		{"time_zone", `null`, "want the name of a time zone"},
		{"business_hours", `{"monday": {"start": "09:00", "end": "17:00"}, "sunday": null}`, ""},
		{"business_hours", `{"monday": [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "24:00"}]}`, ""},
		{"business_hours", `{"monday": {"start": "17:00", "end": "09:00"}}`, "monday: want start before end"},
		{"business_hours", `{"monday": {"start": "9", "end": "17"}}`, "monday: want start before end"},
		{"business_hours", `{"monday": {"start": "09:00"}}`, "monday: want start before end"},
		{"business_hours", `{"monday": "09:00-17:00"}`, "monday: want start before end"},
		{"business_hours", `{"monday": 9}`, "monday: want start before end"},
		{"business_hours", `{"mon": {"start": "09:00", "end": "17:00"}}`, "mon is no day"},
		{"business_hours", `{}`, "want an object of days"},
		{"business_hours", `[]`, "want an object of days"},
		{"holidays", `"CZ"`, ""},
		{"holidays", `"cz"`, "two letters"},
		{"holidays", `["2026-12-24", {"date": "2026-12-31", "share": 0.5, "name": "New Year's Eve"}]`, ""},
		{"holidays", `{"country": "CZ", "dates": ["2026-12-24"]}`, ""},
		{"holidays", `{"country": 420}`, "two letters"},
		{"holidays", `["2026-02-30"]`, "2026-02-30 is no date"},
		{"holidays", `["tomorrow"]`, "tomorrow is no date"},
		{"holidays", `[{"date": "2026-12-31", "share": 2}]`, "share must be a number from 0 to 1"},
		{"holidays", `{"dates": "2026-12-24"}`, "dates: want an array"},
		{"holidays", `12`, "want a country"},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-11-27", "to": "2026-11-30", "factor": 1.4}, {"name": "fair", "from": "2026-12-01", "to": "2026-12-01"}]}`, ""},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-11-27", "to": "2026-11-26"}]}`, "campaign sale: want from 1 to 366 days"},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-11-27", "to": "2026-11-30", "factor": 0}]}`, "factor must be a number above 0"},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-02-30", "to": "2026-03-01"}]}`, "must be dates"},
		{"holidays", `{"campaigns": ["sale"]}`, "campaigns: want {"},
		{"kpi_targets", `{"first_weekday": "Sunday"}`, ""},
		{"kpi_targets", `{"first_weekday": null}`, ""},
		{"kpi_targets", `{"first_weekday": 7}`, "first_weekday: want a day"},
		{"staffing", `{"service_level": "0.8/20s", "max_occupancy": 0.85, "shrinkage": 0.3, "concurrency": 3, "wage": 25, "level": "p80"}`, ""},
		{"staffing", `{"service_level": 0.8, "answer_seconds": 20, "aht_seconds": 300, "patience_seconds": 90, "ai_share": 0.4, "own": true}`, ""},
		{"staffing", `{"channels": {"email": {"aht_seconds": 600, "deferred": true}}}`, ""},
		{"staffing", `{"service_level": 80}`, "service_level: want a share"},
		{"staffing", `{"service_level": "1/20s"}`, "service_level: want a share"},
		{"staffing", `{"service_level": null}`, "service_level: want a share"},
		{"staffing", `{"shrinkage": 1}`, "shrinkage: want a number from 0 to below 1"},
		{"staffing", `{"shrinkage": "0.3"}`, "shrinkage: want a number"},
		{"staffing", `{"concurrency": 2.5}`, "concurrency: want a whole number"},
		{"staffing", `{"concurrency": 6}`, "concurrency: want a whole number"},
		{"staffing", `{"aht_seconds": 0}`, "aht_seconds: want a number of seconds above 0"},
		{"staffing", `{"wage": -1}`, "wage: want a number"},
		{"staffing", `{"level": "p90"}`, `level: want "p50"`},
		{"staffing", `{"channels": {"email": {"shrinkage": 3}}}`, "channels: email: shrinkage"},
		{"staffing", `{"channels": []}`, "channels: want an object"},
		{"staffing", `[]`, "want an object"},
		{"two_factor_required_roles", `["admin"]`, ""},
		{"two_factor_required_roles", `"admin"`, "want an array of roles"},
		{"two_factor_required_roles", `["admin", 1]`, "want an array of roles"},
		{"detection", `{"auth.bruteforce.ip": {"threshold": 10}}`, ""},
		{"detection", `3`, "want an object"},
		{"kpi_targets", `[]`, "want an object"},
		{"notifications", `"mail"`, "want an object or an array"},
		{"evidence", `[]`, ""},
		{"theme", `"anything of the app's own"`, ""},
	} {
		if got := value[string](t, owner, "SELECT COALESCE(romashka.setting_fault($1, $2::text::jsonb), '')", tt.key, tt.value); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s = %s: %q, want %q", tt.key, tt.value, got, tt.want)
		}
	}
}

// TestSettingReaders: settings for everybody are read by everybody who is signed
// in, and the rest by those who may change it.
func TestSettingReaders(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, "UPDATE public.profiles SET role = 'security_admin' WHERE id = $1", bob)
	for key, value := range map[string]string{
		"time_zone": `"Europe/Prague"`, "staffing": `{"shrinkage": 0.3, "wage": 25}`, "kpi_targets": `{}`,
		"detection": `{"a": 1}`, "roi": `{"b": 2}`, "app.secret": `"xyzzy"`,
	} {
		exec(t, owner, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ($1, $2::text::jsonb)", key, value)
	}
	const all = `SELECT public.get_setting('time_zone') AS a, public.get_setting('staffing') AS b, public.get_setting('kpi_targets') AS c,
		public.get_setting('detection') AS d, public.get_setting('roi') AS e, public.get_setting('app.secret') AS app, public.get_setting('holidays') AS h`
	for who, want := range map[string]string{
		alice: `Europe/Prague {"shrinkage":0.3} {} - - - -`,
		bob:   `Europe/Prague {"shrinkage":0.3} {} {"a":1} - - -`,
		anna:  `Europe/Prague {"wage":25,"shrinkage":0.3} {} {"a":1} {"b":2} xyzzy -`,
	} {
		if got := lineAs(t, url, who, all); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s reads %s, want %s", who, got, want)
		}
	}
	if got := value[string](t, owner, "SELECT public.get_setting('roi')::text"); got != `{"b": 2}` {
		t.Errorf("the owner reads %s", got)
	}
	anon := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	exec(t, anon, "SET ROLE anon")
	if _, err := anon.Exec(context.Background(), "SELECT public.get_setting('time_zone')"); sqlstate(err) != "42501" {
		t.Errorf("anon: %v, want 42501", err)
	}
}

// TestSettingsAreGuarded: a wrong form is refused to everybody, and each change
// of a setting of ours stands in the trail.
func TestSettingsAreGuarded(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	insert := "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ($1, $2::text::jsonb)"
	if _, err := do(t, url, anna, insert, "time_zone", `"Nowhere"`); sqlstate(err) != "23514" {
		t.Errorf("a wrong time zone: %v, want 23514", err)
	}
	for _, s := range [][2]string{{"time_zone", `"Europe/Prague"`}, {"app.token", `"secret"`}} {
		if _, err := do(t, url, anna, insert, s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := do(t, url, anna, "UPDATE public.system_settings SET setting_value = '\"UTC\"'"); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t, url, anna, "UPDATE public.system_settings SET setting_key = 'roi' WHERE setting_key = 'app.token'"); sqlstate(err) != "23514" {
		t.Errorf("a key that makes the value wrong: %v, want 23514", err)
	}
	if _, err := do(t, url, anna, "DELETE FROM public.system_settings"); err != nil {
		t.Fatal(err)
	}
	const trail = `SELECT string_agg(concat_ws(' ', action, old_values ->> 'setting_value', new_values ->> 'setting_value', user_id = '` + anna + `'), ', ' ORDER BY created_at, action)
		FROM public.security_audit_logs WHERE event_type = 'setting'`
	if got, want := value[string](t, owner, trail), "create Europe/Prague t, update Europe/Prague UTC t, delete UTC t"; got != want {
		t.Errorf("trail: %s\nwant: %s", got, want)
	}
}
