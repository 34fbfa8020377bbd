package predict_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/analytics/staffing"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// now is the moment of all tests: a Sunday, half past noon in Prague.
var now = time.Date(2026, 11, 29, 11, 30, 0, 0, time.UTC)

func migrated(t testing.TB) *pgx.Conn {
	t.Helper()
	return pgtest.Conn(t, pgtest.Migrated(t, "supabase_admin"))
}

func exec(t testing.TB, conn *pgx.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func value[T any](t testing.TB, conn *pgx.Conn, query string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func set(t testing.TB, conn *pgx.Conn, key, value string) {
	t.Helper()
	exec(t, conn, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ($1, $2::text::jsonb)
		ON CONFLICT (setting_key) DO UPDATE SET setting_value = EXCLUDED.setting_value`, key, value)
}

// talk fills days up to yesterday with conversations from 8 to 20 o'clock in
// Prague, as many an hour as the weekday has: an agent joins every second one
// for six minutes, half of them are rated.
func talk(t testing.TB, conn *pgx.Conn, days, perHour int) {
	t.Helper()
	exec(t, conn, "SET session_replication_role = replica") // the base's triggers take a minute
	defer exec(t, conn, "SET session_replication_role = origin")
	exec(t, conn, `
		INSERT INTO public.conversations (id, created_at, channel_type, status, resolved_at, satisfaction_rating, assigned_agent_id)
		SELECT gen_random_uuid(), at, (ARRAY['website', 'website', 'website', 'email'])[1 + n % 4], 'resolved', at + interval '10 minutes',
		       CASE WHEN n % 2 = 0 THEN 3 + (n + EXTRACT(doy FROM d)::int) % 3 END, NULL
		FROM generate_series(1, $2::int) AS g (back)
		CROSS JOIN LATERAL (SELECT ($1::timestamptz AT TIME ZONE 'Europe/Prague')::date - g.back AS d) AS day
		CROSS JOIN generate_series(8, 19) AS h
		CROSS JOIN generate_series(1, $3::int + (EXTRACT(doy FROM d)::int * 7 + h * 3) % 3
		  - CASE WHEN EXTRACT(isodow FROM d) >= 6 THEN $3::int / 2 ELSE 0 END) AS n
		CROSS JOIN LATERAL (SELECT (d + make_interval(hours => h, mins => n * 2))::timestamp AT TIME ZONE 'Europe/Prague' AS at) AS a`,
		now, days, perHour)
	exec(t, conn, `
		INSERT INTO public.messages (conversation_id, sender_type, content, created_at)
		SELECT c.id, m.who, '...', c.created_at + m.after
		FROM (SELECT *, row_number() OVER (ORDER BY created_at, id) AS n FROM public.conversations) AS c
		CROSS JOIN (VALUES ('user', interval '0'), ('ai', interval '3 seconds'), ('agent', interval '1 minute'), ('user', interval '4 minutes'),
		                   ('agent', interval '7 minutes')) AS m (who, after)
		WHERE m.who <> 'agent' OR c.n % 2 = 0`)
	exec(t, conn, "ANALYZE public.conversations, public.messages")
}

func TestForecast(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := migrated(t)
	set(t, conn, "time_zone", `"Europe/Prague"`)
	set(t, conn, "holidays", `{"country": "CZ", "dates": ["2026-12-24"]}`)
	talk(t, conn, 130, 6)
	exec(t, conn, "DELETE FROM public.conversations WHERE (created_at AT TIME ZONE 'Europe/Prague')::date = '2026-10-06'")  // a Tuesday
	exec(t, conn, "INSERT INTO public.conversations (created_at) SELECT $1::timestamptz FROM generate_series(1, 500)", now) // today is no training day
	exec(t, conn, `INSERT INTO public.predictive_analytics (prediction_type, prediction_date, predicted_value, model_version)
		VALUES ('volume_forecast', '2026-12-01', 1, '1.0'), ('volume_forecast', '2027-06-01', 1, 'romashka/0'), ('volume_forecast', '2027-06-02', 1, 'romashka/1'),
		       ('volume_forecast', '2027-06-03', 1, '1.0')`)

	runs, err := predict.Forecast(ctx, conn, predict.Everything(now))
	if err != nil {
		t.Fatal(err)
	}
	day := runs[0]
	if day.Status != forecast.OK || day.Origin != "2026-11-28" || day.Accuracy == nil || day.Accuracy.Value < 0.8 || day.Accuracy.Value > 0.999 {
		t.Fatalf("%+v", day.Forecast)
	}
	if got := day.Details["missing_days"].([]string); len(got) != 1 || got[0] != "2026-10-06" {
		t.Errorf("missing days: %v, want the one that was deleted", got)
	}
	if p := day.Points[25]; p.DS != "2026-12-24" || p.Mean != 0 || p.Hi95 != 0 {
		t.Errorf("a closed day: %+v", p)
	}
	kinds := ""
	for _, r := range runs {
		kinds += string(r.Metric) + " " + r.Channel + " " + r.Grain + " " + string(r.Status) + "; "
	}
	if want := "volume all day ok; volume all hour ok; volume website day ok; volume email day ok; satisfaction all week ok; performance all week ok; "; kinds != want {
		t.Errorf("runs %s\nwant %s", kinds, want)
	}

	for query, want := range map[string]string{
		"SELECT concat_ws(' ', count(*), min(prediction_date), max(prediction_date), bool_and(model_version = 'romashka/1')) FROM public.predictive_analytics WHERE prediction_type = 'volume_forecast' AND prediction_date < '2027-01-01'": "30 2026-11-29 2026-12-28 t",
		// No row of another version goes; of ours those that are no longer forecast do.
		"SELECT string_agg(prediction_date::text, ' ' ORDER BY 1) FROM public.predictive_analytics WHERE prediction_date > '2027-01-01'":                                                                                               "2027-06-01 2027-06-03",
		"SELECT concat_ws(' ', count(*), bool_and(confidence_level BETWEEN 0.5 AND 1), bool_and(predicted_value BETWEEN 3 AND 5)) FROM public.predictive_analytics WHERE prediction_type = 'satisfaction_trend'":                       "5 t t",
		"SELECT concat_ws(' ', count(*), bool_and(predicted_value BETWEEN 0.4 AND 0.6)) FROM public.predictive_analytics WHERE prediction_type = 'performance_prediction'":                                                             "5 t",
		"SELECT concat_ws(' ', count(*), sum(jsonb_array_length(points)), bool_and(status = 'ok'), bool_and(accuracy > 0.5)) FROM romashka.forecast_runs":                                                                              "6 436 t t",
		"SELECT bool_and(jsonb_typeof(input_features -> 'lo80') = 'number' AND (input_features -> 'accuracy' ->> 'value')::numeric(5,4) = confidence_level)::text FROM public.predictive_analytics WHERE model_version = 'romashka/1'": "true",
	} {
		if got := value[string](t, conn, query); got != want {
			t.Errorf("%s\n%s, want %s", query, got, want)
		}
	}

	// A campaign with a factor has that many times the contacts; the other days stay.
	set(t, conn, "holidays", `{"country": "CZ", "dates": ["2026-12-24"], "campaigns": [{"name": "sale", "from": "2026-12-01", "to": "2026-12-02", "factor": 1.5}]}`)
	with, err := predict.Forecast(ctx, conn, predict.Everything(now))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range with[0].Points[:7] {
		usual, factor := day.Points[i].Mean, 1.0
		if p.DS == "2026-12-01" || p.DS == "2026-12-02" {
			factor = 1.5
		}
		if math.Abs(p.Mean-factor*usual) > 0.01*usual || p.Hi95 < p.Mean {
			t.Errorf("%s: %+v, want %g times %g", p.DS, p, factor, usual)
		}
	}
	if list, _ := with[0].Details["campaigns"].([]map[string]any); len(list) != 1 || list[0]["name"] != "sale" {
		t.Errorf("campaigns: %v", with[0].Details["campaigns"])
	}

	// The next day: the forecast stands beside the true count.
	runs, err = predict.Forecast(ctx, conn, predict.Everything(now.AddDate(0, 0, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if y, _ := runs[0].Details["yesterday"].(map[string]any); y["day"] != "2026-11-29" || y["came"] != 500.0 || y["forecast"] != day.Points[0].Mean {
		t.Errorf("yesterday: %v, want 500 beside %v", y, day.Points[0].Mean)
	}

	// Forecasts that were worse than the back-test promised are reported once.
	exec(t, conn, `INSERT INTO romashka.forecast_runs (metric, zone, origin, status, model_version, points)
		SELECT 'volume', 'Europe/Prague', d - interval '1 day', 'ok', 'romashka/1', jsonb_build_array(jsonb_build_object('ds', d::date, 'mean', 5, 'lo80', 1, 'hi80', 9))
		FROM generate_series(timestamp '2026-11-08', timestamp '2026-11-28', interval '1 day') AS d`)
	for range 2 {
		if _, err := predict.Forecast(ctx, conn, predict.Options{Now: now, Volume: []series.Grain{series.Daily}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', count(*), bool_and(metric_value > 0.5), min(dimensions #>> '{came_true,days}'))
		FROM public.business_intelligence WHERE metric_category = 'insight' AND metric_name = 'forecast_accuracy_drift'`); got != "1 t 21" {
		t.Errorf("drift: %s", got)
	}
}

// TestStates: without enough to go on there are no rows, and a reason.
func TestStates(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := migrated(t)
	states := func() (got string) {
		t.Helper()
		runs, err := predict.Forecast(ctx, conn, predict.Everything(now))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.Channel == "all" {
				got += string(r.Status) + " "
			}
			if r.Reason == nil && r.Status != forecast.OK {
				t.Errorf("%s %s: %s with reason %v", r.Metric, r.Grain, r.Status, r.Reason)
			}
		}
		return got
	}
	rows := func() int {
		return value[int](t, conn, "SELECT count(*)::int FROM public.predictive_analytics WHERE prediction_type = 'volume_forecast' AND confidence_level IS NULL")
	}
	if got := states(); got != "no_activity no_activity no_activity no_activity " || rows() != 0 {
		t.Errorf("nothing: %s, %d rows", got, rows())
	}
	talk(t, conn, 10, 4)
	if got := states(); got != "insufficient_history insufficient_history insufficient_history insufficient_history " || rows() != 0 {
		t.Errorf("ten days: %s, %d rows", got, rows())
	}
	// The cells that the job kpi keeps give the same counts as the rows, with the
	// changes since.
	counted := func() string {
		t.Helper()
		runs, err := predict.Forecast(ctx, conn, predict.Options{Now: now, Volume: []series.Grain{series.Daily}, ByChannel: true})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range runs {
			got += fmt.Sprint(r.Channel, " ", r.Details["conversations"], " since ", r.Details["from"], "; ")
		}
		return got
	}
	rowsAlone := counted()
	exec(t, conn, "SELECT romashka.refresh_kpi()")
	if got := counted(); got != rowsAlone {
		t.Errorf("of cells: %s, of rows: %s", got, rowsAlone)
	}
	exec(t, conn, "UPDATE public.conversations SET channel_type = '' WHERE id IN (SELECT id FROM public.conversations ORDER BY created_at LIMIT 100)")
	exec(t, conn, "DELETE FROM public.conversations WHERE id IN (SELECT id FROM public.conversations ORDER BY created_at DESC LIMIT 7)")
	changed := counted()
	exec(t, conn, "TRUNCATE romashka.kpi_changes; UPDATE romashka.kpi_state SET ready = false")
	if got := counted(); got != changed || got == rowsAlone {
		t.Errorf("of rows: %s, of cells and changes: %s", got, changed)
	}
	exec(t, conn, "DELETE FROM public.conversations")
	talk(t, conn, 20, 4)
	if got := states(); got != "preliminary preliminary insufficient_history insufficient_history " || rows() != 14 {
		t.Errorf("twenty days: %s, %d rows without confidence, want 14", got, rows())
	}
	plan, err := predict.Staffing(ctx, conn, predict.PlanOptions{Now: now})
	if err != nil || plan.Status != forecast.Preliminary || len(plan.Points) != 14 {
		t.Errorf("a plan on little: %s, %v, %v", plan.Status, plan.Reason, err)
	}
	exec(t, conn, "UPDATE public.conversations SET created_at = created_at - interval '6 days'")
	exec(t, conn, "UPDATE public.messages SET created_at = created_at - interval '6 days'")
	if got := states(); got != "stale stale insufficient_history insufficient_history " || rows() != 0 {
		t.Errorf("nothing for six days: %s, %d rows", got, rows())
	}
}

func TestStaffing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := migrated(t)
	set(t, conn, "time_zone", `"Europe/Prague"`)
	set(t, conn, "business_hours", `{"monday": {"start": "08:00", "end": "18:00"}, "saturday": [{"start": "09:00", "end": "12:00"}]}`)
	talk(t, conn, 100, 12)
	agent := "00000000-0000-4000-8000-00000000000c"
	exec(t, conn, "INSERT INTO auth.users (id, email) VALUES ($1, 'a@people.test')", agent)
	exec(t, conn, "INSERT INTO public.profiles (id, role) VALUES ($1, 'agent') ON CONFLICT DO NOTHING", agent)
	exec(t, conn, `INSERT INTO public.agent_availability (agent_id, working_hours) VALUES
		($1, '{"monday": {"start": "09:30", "end": "17:00"}}'), ($1, '{"monday": {"start": "09:00", "end": "12:00"}}'), ($1, '{"monday": "all day"}')`, agent)

	plan, err := predict.Staffing(ctx, conn, predict.PlanOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	hours := map[string]predict.PlanHour{}
	for _, h := range plan.Hours {
		hours[h.DS] = h
		if h.Closed && (h.Agents != 0 || h.Rostered != 0 || h.Volume != 0) {
			t.Errorf("closed, but %+v", h)
		}
	}
	if len(hours) != 14*24 {
		t.Fatalf("%d hours", len(hours))
	}
	nine := hours["2026-11-30T09:00"] // a Monday
	if nine.Scheduled == nil || nine.ServiceLevel == nil {
		t.Fatalf("%s: %+v", plan.Status, nine)
	}
	if nine.Closed || nine.Agents < 1 || nine.Rostered <= nine.Agents || *nine.Scheduled != 1.5 || nine.Deferred == 0 || *nine.ServiceLevel < 0.8 {
		t.Errorf("%+v", nine)
	}
	if !hours["2026-11-30T18:00"].Closed || !hours["2026-12-01T10:00"].Closed || hours["2026-12-05T11:00"].Closed {
		t.Error("hours outside of business hours are not closed, or others are")
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', count(*), min(predicted_value)::int, max(predicted_value)::int > 2) FROM public.predictive_analytics
		WHERE prediction_type = 'staffing_needs'`); got != "14 0 t" {
		t.Errorf("staffing_needs: %s", got)
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', details #>> '{handling,aht_seconds,source}', round((details #>> '{handling,aht_seconds,value}')::numeric),
		round((details #>> '{handling,ai_share,value}')::numeric, 4), details #>> '{targets,source,shrinkage}', jsonb_array_length(points)) FROM romashka.forecast_runs WHERE metric = 'staffing'`); got != "measured 360 0.5000 usual 336" {
		t.Errorf("it rests on %s", got)
	}

	// The plan over the API, as it is kept and with other figures.
	const one = `SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE closed), bool_and(agents = 0) FILTER (WHERE closed), max(gap) FILTER (WHERE hour = '2026-11-30T09:00'))
		FROM public.get_staffing_plan('2026-11-30')`
	if got, want := value[string](t, conn, one), "24 14 t "+value[string](t, conn, "SELECT (1.5 - $1::int)::text", nine.Rostered); got != want {
		t.Errorf("get_staffing_plan: %s, want %s", got, want)
	}
	const same = `SELECT concat_ws(' ', bool_and(a.agents = b.agents), bool_and(a.rostered = b.rostered), max(abs(a.service_level - b.service_level)) < 1e-4, sum(c.agents) > sum(a.agents))::text
		FROM public.get_staffing_plan('2026-11-30') AS a JOIN public.get_staffing_plan('2026-11-30', '{}') AS b USING (hour)
		JOIN public.get_staffing_plan('2026-11-30', '{"volume": "+120%", "aht": "-10%"}') AS c USING (hour)`
	if got := value[string](t, conn, same); got != "t t t t" {
		t.Errorf("what if nothing changes, and what if: %s", got)
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', count(*), min(d.mean)::int, max(d.hi95) >= max(d.mean), min(r.status)) FROM public.get_forecast_runs('staffing') AS r
		CROSS JOIN LATERAL jsonb_to_recordset(r.details -> 'days') AS d (mean numeric, hi95 numeric)`); got != "14 0 t ok" {
		t.Errorf("days of the plan: %s", got)
	}
	exec(t, conn, "UPDATE romashka.forecast_runs SET details = jsonb_set(details, '{days}', (SELECT jsonb_agg(d || '{\"ds\": \"2020-01-01\"}') FROM jsonb_array_elements(details -> 'days') AS d))")
	if got := value[string](t, conn, "SELECT concat_ws(' ', date, status, reason) FROM public.get_forecast('staffing')"); !strings.HasPrefix(got, "out_of_date the last forecast of staffing was made on 2026-11-29 ") {
		t.Errorf("a forecast that is over: %s", got)
	}
	if got := value[string](t, conn, "SELECT concat_ws(' ', status, reason) FROM public.get_forecast('volume')"); got != "not_run no forecast of volume has been made yet; `romashka jobs run forecast` makes it" {
		t.Errorf("get_forecast before a run: %s", got)
	}

	double, err := predict.Staffing(ctx, conn, predict.PlanOptions{Now: now, WhatIf: true, Changes: []predict.Change{
		{Text: "volume=+120%", Apply: func(w *staffing.Work, _ *staffing.Targets) { w.Volume *= 2.2 }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range double.Hours {
		if h.DS == nine.DS && h.Agents <= nine.Agents {
			t.Errorf("more volume: %+v", h)
		}
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM romashka.forecast_runs WHERE metric = 'staffing'"); got != 1 {
		t.Error("a what-if was kept")
	}
	exec(t, conn, "DELETE FROM public.messages")
	exec(t, conn, "INSERT INTO public.messages (conversation_id, sender_type, content, created_at) SELECT id, 'agent', '.', created_at FROM public.conversations")
	if plan, err = predict.Staffing(ctx, conn, predict.PlanOptions{Now: now}); err != nil || plan.Status != predict.NoAHT || plan.Reason == nil || len(plan.Points) != 0 {
		t.Errorf("without a handling time: %s, %v, %v", plan.Status, plan.Points, err)
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM public.predictive_analytics WHERE prediction_type = 'staffing_needs'"); got != 0 {
		t.Errorf("%d rows of a plan that is no more", got)
	}
	set(t, conn, "staffing", `{"aht_seconds": 300, "shrinkage": 0.2}`)
	if plan, err = predict.Staffing(ctx, conn, predict.PlanOptions{Now: now}); err != nil || plan.Status != forecast.OK {
		t.Errorf("with a handling time that is set: %s, %v", plan.Status, err)
	}
	set(t, conn, "staffing", `{"channels": {"website": {"aht_seconds": 300, "concurrency": 2}, "email": {"aht_seconds": 900}}}`)
	if plan, err = predict.Staffing(ctx, conn, predict.PlanOptions{Now: now}); err != nil || plan.Status != forecast.OK {
		t.Errorf("with handling times of channels: %s, %v", plan.Status, err)
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', details #>> '{handling,aht_seconds,value}', details #>> '{handling,aht_seconds,source}',
		round((details #>> '{handling,concurrency_factor,value}')::numeric, 4), details #>> '{handling,deferred_aht_seconds,value}') FROM romashka.forecast_runs WHERE metric = 'staffing'`); got != "300 setting 1.7000 900" {
		t.Errorf("channels: %s", got)
	}
	if got := value[string](t, conn, same); got != "t t t t" {
		t.Errorf("what if, with handling times of channels: %s", got)
	}
}

// TestDrivers: an effect that was put into the ratings is found with its size,
// and no other is an insight.
func TestDrivers(t *testing.T) {
	t.Parallel()
	conn := migrated(t)
	talk(t, conn, 40, 6)
	exec(t, conn, `SET session_replication_role = replica;
		UPDATE public.messages SET created_at = created_at + make_interval(secs => 2 ^ (EXTRACT(day FROM created_at)::int % 8)) WHERE sender_type = 'ai';
		UPDATE public.conversations AS c SET satisfaction_rating = 4 - (EXTRACT(day FROM created_at)::int + EXTRACT(hour FROM created_at)::int) % 2
		  - EXISTS (SELECT FROM public.messages AS m WHERE m.conversation_id = c.id AND m.sender_type = 'agent')::int;
		SET session_replication_role = origin`)
	runs, err := predict.Forecast(context.Background(), conn, predict.Options{Now: now, Weekly: []predict.Metric{predict.Satisfaction}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]predict.Driver{}
	for _, d := range runs[0].Details["drivers"].([]predict.Driver) {
		found[d.Name] = d
	}
	if d := found["handoff"]; math.Abs(d.Difference+1) > 0.1 || d.Lo95 > d.Difference || d.Hi95 < d.Difference || d.Hi95 > -0.8 || !strings.Contains(d.Text, "lower (95 %: ") {
		t.Errorf("handoff: %+v, want -1", d)
	}
	for _, name := range []string{"first_response", "channel email", "hour"} {
		if d, ok := found[name]; !ok || math.Abs(d.Difference) > 0.2 {
			t.Errorf("%s: %+v, %v; want nothing", name, d, ok)
		}
	}
	if got := value[string](t, conn, `SELECT concat_ws(' ', count(*), min(metric_value)::numeric(3,1)) FROM public.business_intelligence
		WHERE metric_category = 'insight' AND metric_name = 'ratings and handoff'`); got != "1 -1.0" {
		t.Errorf("insight: %s", got)
	}
}

// TestFiguresInSQL holds the computation in SQL beside the one in Go.
func TestFiguresInSQL(t *testing.T) {
	t.Parallel()
	conn := migrated(t)
	usual := staffing.Targets{ServiceLevel: 0.8, Within: 20 * time.Second, MaxOccupancy: 0.85, Shrinkage: 0.3}
	for _, volume := range []float64{0, 0.3, 12, 100, 850, 2400} {
		for _, patience := range []time.Duration{0, 5 * time.Second, 2 * time.Minute, 3 * time.Hour} {
			for _, agents := range []int{-1, 0, 1, 10, 60} {
				w := staffing.Work{Volume: volume, Interval: 30 * time.Minute, AHT: 3 * time.Minute, Patience: patience, Factor: 1.7}
				want, err := staffing.Smallest(w, usual)
				var number, seconds any
				if agents >= 0 {
					want, err = staffing.ForAgents(w, usual, agents)
					number = agents
				}
				if err != nil {
					t.Fatal(err)
				}
				if patience > 0 {
					seconds = patience.Seconds()
				}
				got := value[staffing.Figures](t, conn, "SELECT public.get_staffing_figures($1, 180, 1800, 0.8, 20, 0.85, 0.3, $2, 1.7, $3)", volume, seconds, number)
				if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-7, 1e-9)); diff != "" {
					t.Errorf("%v contacts, patience %v, %d agents: %s", volume, patience, agents, diff)
				}
			}
		}
	}
	for _, wrong := range []string{"-1, 180", "10, 0", "10, 180, 0", "10, 180, 3600, 1", "10, 180, 3600, 0.8, 20, 1.2", "10, 180, 3600, 0.8, 20, 0.8, 1", "1e9, 180", "'NaN', 180"} {
		_, err := conn.Exec(context.Background(), "SELECT public.get_staffing_figures("+wrong+")")
		if pgErr := (*pgconn.PgError)(nil); !errors.As(err, &pgErr) || pgErr.Code != "22023" {
			t.Errorf("%s: %v, want 22023", wrong, err)
		}
	}
}
