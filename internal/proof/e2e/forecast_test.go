package e2e_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// testForecasts has the jobs forecast a small tenant, and asks for what they wrote as
// each role, and as the pages of the front end ask.
func testForecasts(t *testing.T, s *sidecar) {
	ctx := context.Background()
	conn := pgtest.Conn(t, s.State.Get("DB_URL"))
	employ(t, conn)
	now := time.Now()
	if _, err := predict.Forecast(ctx, conn, predict.Everything(now)); err != nil {
		t.Fatal(err)
	}
	if _, err := predict.Staffing(ctx, conn, predict.PlanOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	today := now.In(zone)
	callers := map[string]caller{"anon": s.as(s.State.Get("ANON_KEY"), ""), "service_role": s.as(s.State.Get("SERVICE_ROLE_KEY"), "")}
	for role, who := range map[string]string{"user": "USER", "other": "OTHER", "admin": "ADMIN"} {
		callers[role], _ = s.signIn(t, who)
	}
	for role, c := range callers {
		t.Run(role, func(t *testing.T) { forecastsAs(t, role, c, today) })
	}
	t.Run("refusals", func(t *testing.T) { forecastRefusals(t, callers["user"]) })
	t.Run("pages", func(t *testing.T) { forecastPages(t, callers["user"], callers["service_role"], today) })
}

// employ makes up a tenant: about twenty conversations a day but on Fridays, half
// of them rated, with a handling time and a wage that are set.
func employ(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for _, query := range []string{
		`INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('time_zone', '"Africa/Cairo"'),
			('staffing', '{"aht_seconds": 600, "wage": 20, "shrinkage": 0.25}')
			ON CONFLICT (setting_key) DO UPDATE SET setting_value = EXCLUDED.setting_value`,
		`INSERT INTO public.conversations (created_at, channel_type, status, resolved_at, satisfaction_rating)
			SELECT at, 'website', CASE WHEN n % 7 = 0 THEN 'abandoned' ELSE 'resolved' END, at + interval '10 minutes', CASE WHEN n % 2 = 0 THEN 3 + n % 3 END
			FROM generate_series(1, 100) AS g (back)
			CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE 'Africa/Cairo')::date - back AS d) AS day
			CROSS JOIN generate_series(1, 17 + EXTRACT(doy FROM d)::int * 5 % 7) AS n
			CROSS JOIN LATERAL (SELECT (d + make_interval(hours => 9 + n % 9, mins => n))::timestamp AT TIME ZONE 'Africa/Cairo' AS at) AS a
			WHERE EXTRACT(isodow FROM d) <> 5`,
		"SELECT romashka.refresh_daily_metrics(current_date - 40, current_date - 1)",
	} {
		if _, err := conn.Exec(context.Background(), query); err != nil {
			t.Fatalf("%.60s: %v", query, err)
		}
	}
}

// forecastsAs asks as one role. Signed-in users see forecasts and plans; the cost is
// for those who may read the wage.
func forecastsAs(t *testing.T, role string, c caller, today time.Time) {
	tomorrow := today.AddDate(0, 0, 1).Format(time.DateOnly)
	calls := map[string]row{
		"get_forecast":         {"metric": "volume", "days": 7},
		"get_forecast_runs":    {"metric": "volume"},
		"get_staffing_plan":    {"day": tomorrow, "what_if": row{"volume": "+50%", "aht": "-10%"}},
		"get_staffing_figures": {"volume": 100, "aht_seconds": 180, "interval_seconds": 1800},
	}
	if role == "anon" {
		for name, arguments := range calls {
			if a := c.do(t, "POST", "/rest/v1/rpc/"+name, jsonText(t, arguments)); a.Status != 401 || a.code() != "42501" {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		return
	}
	var forecast, runs, plan, changed []row
	var figures row
	for name, into := range map[string]any{"get_forecast": &forecast, "get_forecast_runs": &runs, "get_staffing_plan": &changed, "get_staffing_figures": &figures} {
		a := c.do(t, "POST", "/rest/v1/rpc/"+name, jsonText(t, calls[name]))
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", name, a.Status, a.Body)
		}
		a.decode(t, into)
	}
	c.do(t, "GET", "/rest/v1/rpc/get_staffing_plan?day="+tomorrow, "").decode(t, &plan)
	if len(forecast) != 7 || forecast[0]["date"] != today.Format(time.DateOnly) || forecast[0]["status"] != "ok" {
		t.Errorf("get_forecast: %v", forecast)
	}
	for _, r := range forecast {
		if accuracy, _ := r["accuracy"].(float64); accuracy < 0.5 || accuracy > 1 || number(t, r, "value") < 0 || number(t, r, "hi95") < number(t, r, "lo95") {
			t.Errorf("get_forecast: %v", r)
		}
	}
	var days []row
	c.do(t, "GET", "/rest/v1/rpc/get_forecast?metric=staffing", "").decode(t, &days)
	if len(days) != 14 || days[0]["date"] != today.Format(time.DateOnly) || number(t, days[0], "hi95") < number(t, days[0], "value") {
		t.Errorf("days of the plan: %v", days)
	}
	if len(runs) < 2 || figures["agents"] != 14.0 {
		t.Errorf("%d runs, figures %v", len(runs), figures)
	}
	if len(plan) != 24 || len(changed) != 24 || sumOf(t, changed, "offered_load") <= sumOf(t, plan, "offered_load") {
		t.Errorf("%d hours of a plan, %d with other figures", len(plan), len(changed))
	}
	paid := role == "admin" || role == "service_role"
	if cost, ok := plan[12]["cost"].(float64); ok != paid || paid && cost != 20*number(t, plan[12], "rostered") {
		t.Errorf("cost %v", plan[12]["cost"])
	}
	a := c.do(t, "POST", "/rest/v1/predictive_analytics", jsonText(t, row{"prediction_type": "volume_forecast", "prediction_date": "2040-01-01"}), "Prefer: tx=rollback")
	if want := map[bool]int{true: 201, false: 403}[role == "service_role"]; a.Status != want {
		t.Errorf("a row of his own: %d %s", a.Status, a.Body)
	}
}

// forecastRefusals: what means nothing is refused, and never taken for something else.
func forecastRefusals(t *testing.T, c caller) {
	ask := func(name string, arguments row) {
		t.Helper()
		if a := c.do(t, "POST", "/rest/v1/rpc/"+name, jsonText(t, arguments)); a.Status != 400 || a.code() != "22023" {
			t.Errorf("%s %v: %d %s", name, arguments, a.Status, a.Body)
		}
	}
	ask("get_forecast", row{"metric": "mood"})
	ask("get_forecast", row{"metric": nil})
	ask("get_forecast", row{"days": 0})
	ask("get_forecast", row{"days": -3})
	for _, whatIf := range []any{
		"volume", 7, []int{1}, row{"volum": "+20%"}, row{"volume": "a lot"}, row{"volume": "NaN"}, row{"volume": "-100%"}, row{"volume": row{}}, row{"volume": true},
		row{"volume": "1e300%"}, row{"aht": 0}, row{"aht": -5}, row{"aht": "-100%"}, row{"aht": "ten"}, row{"agents": 1.5}, row{"agents": 30000}, row{"agents": -1},
		row{"service_level": 1}, row{"service_level": "0.8/20s"}, row{"max_occupancy": 0}, row{"max_occupancy": 1.1}, row{"shrinkage": 1}, row{"shrinkage": -0.1},
		row{"patience_seconds": 0}, row{"concurrency_factor": 0.5}, row{"answer_seconds": "infinity"}, row{"volume": "+1000000%", "aht": 31622400},
	} {
		ask("get_staffing_plan", row{"what_if": whatIf})
	}
	for _, arguments := range []row{
		{"volume": -1, "aht_seconds": 180}, {"volume": 10, "aht_seconds": 0}, {"volume": 10, "aht_seconds": 180, "shrinkage": 1},
		{"volume": "NaN", "aht_seconds": 180}, {"volume": 1e12, "aht_seconds": 180}, {"volume": 10, "aht_seconds": 180, "agents": -1},
	} {
		ask("get_staffing_figures", arguments)
	}
	for _, whatIf := range []any{nil, row{}, row{"volume": nil}, row{"agents": 0}, row{"agents": "12"}} {
		if a := c.do(t, "POST", "/rest/v1/rpc/get_staffing_plan", jsonText(t, row{"what_if": whatIf})); a.Status != 200 {
			t.Errorf("%v: %d %s", whatIf, a.Status, a.Body)
		}
	}
	var far []row
	c.do(t, "POST", "/rest/v1/rpc/get_staffing_plan", `{"day":"2200-01-01"}`).decode(t, &far)
	if len(far) != 1 || far[0]["status"] != "out_of_reach" || far[0]["reason"] == nil {
		t.Errorf("a day far ahead: %v", far)
	}
}

// forecastPages asks as predictiveAnalyticsService, analyticsEngineService and the
// page /analytics/predictive do.
func forecastPages(t *testing.T, user, service caller, today time.Time) {
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	read := func(kind string, last int) (list []row) {
		t.Helper()
		a := user.do(t, "GET", fmt.Sprintf("/rest/v1/predictive_analytics?select=*&prediction_type=eq.%s&prediction_date=gte.%s&prediction_date=lte.%s&order=prediction_date.asc", kind, day(0), day(last)), "")
		a.decode(t, &list)
		return slices.DeleteFunc(list, func(r row) bool { return r["model_version"] != "romashka/1" })
	}
	for kind, want := range map[string]int{"volume_forecast": 30, "staffing_needs": 14} {
		list := read(kind, 29)
		if len(list) != want {
			t.Fatalf("%s: %d rows, want %d", kind, len(list), want)
		}
		for i, r := range list {
			features, _ := r["input_features"].(map[string]any)
			if confidence, ok := r["confidence_level"].(float64); !ok || confidence <= 0 || confidence > 1 || r["prediction_date"] != day(i) || number(t, r, "predicted_value") < 0 || number(t, features, "hi80") < number(t, features, "lo80") {
				t.Errorf("%s: %v", kind, r)
			}
		}
	}
	for kind, most := range map[string]float64{"satisfaction_trend": 5, "performance_prediction": 1} {
		list := read(kind, 34)
		if len(list) < 4 {
			t.Errorf("%s: %d weeks", kind, len(list))
		}
		for _, r := range list {
			if v := number(t, r, "predicted_value"); v < 0 || v > most {
				t.Errorf("%s: %v", kind, r)
			}
		}
	}
	// The front end's own upsert meets the key, and the day has one truth.
	a := service.do(t, "POST", "/rest/v1/predictive_analytics?on_conflict=prediction_type,prediction_date",
		jsonText(t, []row{{"prediction_type": "volume_forecast", "prediction_date": day(3), "predicted_value": 1_500_000.25, "model_version": "romashka/1", "input_features": row{"lo80": 0, "hi80": 1}, "confidence_level": 0.5}}),
		"Prefer: resolution=merge-duplicates")
	if list := read("volume_forecast", 29); a.Status != 200 || len(list) != 30 || list[3]["predicted_value"] != 1_500_000.25 {
		t.Errorf("upsert: %d %s, then %d rows", a.Status, a.Body, len(list))
	}
	for path, least := range map[string]int{
		"daily_metrics?select=date,total_conversations,channel_type&channel_type=eq.all&order=date.asc&date=gte." + day(-30) + "&date=lte." + day(0):     7,
		"daily_metrics?select=date,avg_satisfaction_score&order=date.asc&date=gte." + day(-365) + "&date=lte." + day(0):                                  7,
		"conversations?select=created_at,assigned_agent_id,status&created_at=gte." + url.QueryEscape(today.AddDate(0, 0, -7).UTC().Format(time.RFC3339)): 7,
		"agent_availability?select=agent_id,working_hours,max_concurrent_chats&is_online=eq.true":                                                        0,
		"conversation_analytics?select=*&order=created_at.asc&created_at=gte." + day(-30):                                                                0,
	} {
		var list []row
		a := user.do(t, "GET", "/rest/v1/"+path, "")
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		if a.decode(t, &list); len(list) < least {
			t.Errorf("%s: %d rows, want %d", path, len(list), least)
		}
	}
}

// number is a field that must be a JSON number.
func number(t *testing.T, r row, name string) float64 {
	t.Helper()
	v, ok := r[name].(float64)
	if !ok {
		t.Errorf("%s is %v", name, r[name])
	}
	return v
}

func sumOf(t *testing.T, list []row, name string) (sum float64) {
	t.Helper()
	for _, r := range list {
		sum += number(t, r, name)
	}
	return sum
}
