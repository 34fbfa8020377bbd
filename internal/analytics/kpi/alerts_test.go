package kpi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// look runs the job alerts, and returns the subjects of what it told.
func look(t *testing.T, owner *pgx.Conn) (told []string) {
	t.Helper()
	exec(t, owner, "TRUNCATE romashka.messages")
	exec(t, owner, "SELECT romashka.job_alerts(NULL)")
	for _, m := range collect[struct{ Subject, Body string }](t, owner, "SELECT subject, body FROM romashka.messages WHERE topic = 'figure.alert' ORDER BY created_at") {
		told = append(told, m.Subject)
		if !strings.Contains(m.Body, "Limits: ") {
			t.Errorf("%s: %s", m.Subject, m.Body)
		}
	}
	return told
}

func expectTold(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// arrivals writes conversations in which a customer waits.
const arrivals = `WITH c AS (INSERT INTO public.conversations (id, status, channel_type, created_at) SELECT gen_random_uuid(), 'active', 'email', now() - interval '1 minute' FROM generate_series(1, %) RETURNING id)
	INSERT INTO public.messages (conversation_id, sender_type, content, created_at) SELECT id, 'user', 'Hello?', now() - interval '50 seconds' FROM c`

func waiting(t *testing.T, owner *pgx.Conn, n string) {
	t.Helper()
	exec(t, owner, strings.ReplaceAll(arrivals, "%", n))
}

const answered = "UPDATE public.conversations SET status = 'abandoned' WHERE id IN (SELECT id FROM public.conversations WHERE status = 'active' ORDER BY id LIMIT "

// A figure beyond a limit is told of once, and once when it has come back; in between
// nothing is said. A figure that leaves the interval of the forecast is told of as well.
func TestAlerts(t *testing.T) {
	t.Parallel()
	_, owner := database(t)
	set := func(key, value string) {
		exec(t, owner, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ($1, $2) ON CONFLICT (setting_key) DO UPDATE SET setting_value = EXCLUDED.setting_value", key, value)
	}
	set("notifications", `{"recipients": [{"channel": "mail", "to": "ops@people.test"}], "floor": "low", "group_minutes": 0}`)
	set("kpi_targets", `{"departures": false, "alerts": [{"figure": "waiting", "above": 5, "clear": 3, "clear_seconds": 0, "channel": "email"}]}`)
	expectTold(t, "without facts", look(t, owner))
	refresh(t, owner, false)
	waiting(t, owner, "5")
	expectTold(t, "at the limit", look(t, owner))
	waiting(t, owner, "2")
	expectTold(t, "beyond it", look(t, owner), "waiting of email is 7")
	waiting(t, owner, "2")
	expectTold(t, "further beyond", look(t, owner))
	exec(t, owner, answered+"5)")
	expectTold(t, "between the limits", look(t, owner))
	exec(t, owner, answered+"1)")
	expectTold(t, "back", look(t, owner), "waiting of email is back: 3")
	waiting(t, owner, "1")
	expectTold(t, "between the limits again", look(t, owner))

	set("kpi_targets", `{"departures": false, "alerts": [{"figure": "waiting", "above": 2, "for_seconds": 300}]}`)
	expectTold(t, "not for long enough", look(t, owner))
	exec(t, owner, "UPDATE romashka.figure_alerts SET changed_at = changed_at - interval '6 minutes'")
	expectTold(t, "for long enough", look(t, owner), "waiting is 4")
	if n := collect[struct{ N int }](t, owner, "SELECT count(*)::int FROM romashka.figure_alerts")[0].N; n != 1 {
		t.Errorf("%d rules are remembered, want 1", n)
	}

	// Nothing is expected yet; then a forecast, and weeks with such hours.
	set("kpi_targets", `{}`)
	expectTold(t, "nothing expected", look(t, owner))
	exec(t, owner, `INSERT INTO romashka.forecast_runs (metric, channel, grain, zone, status, model_version, points)
		SELECT 'volume', 'all', 'hour', 'UTC', 'ok', 'test', jsonb_agg(jsonb_build_object('ds', to_char(h AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:00'), 'mean', 4, 'lo95', 0, 'hi95', 8))
		FROM generate_series(date_trunc('hour', now(), 'UTC') - interval '3 hours', now() + interval '3 hours', interval '1 hour') AS h`)
	exec(t, owner, "INSERT INTO romashka.queue_hours SELECT date_trunc('hour', now(), 'UTC') - w * interval '7 days', 1 + w % 2 FROM generate_series(1, 8) AS w")
	exec(t, owner, "DELETE FROM public.conversations")
	waiting(t, owner, "4")
	expectTold(t, "as expected", look(t, owner))
	// The few rows may lie on both sides of the hour; thirty more are beyond it either way.
	waiting(t, owner, "60")
	got := strings.Join(look(t, owner), "|")
	if !strings.Contains(got, "volume") || !strings.Contains(got, "queue is 64") {
		t.Errorf("a spike: %q", got)
	}
	expectTold(t, "the same spike", look(t, owner))

	for _, role := range []string{"anon", "authenticated", "service_role"} {
		var may bool
		if err := owner.QueryRow(context.Background(), `SELECT bool_or(has_function_privilege($1, p.oid, 'EXECUTE')) FROM pg_catalog.pg_proc AS p
			WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname IN ('job_alerts', 'alert_checks', 'alert_departures', 'alert_fault')`, role).Scan(&may); err != nil || may {
			t.Errorf("%s may run it: %v (%v)", role, may, err)
		}
	}
}
