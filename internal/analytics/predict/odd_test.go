package predict_test

import (
	"context"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/predict"
)

// TestOddRows: settings from before their form was checked, rows of the future and of
// a trial long ago, channels without a name, and a gap in one channel.
func TestOddRows(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := migrated(t)
	talk(t, conn, 90, 8)
	exec(t, conn, `SET session_replication_role = replica;
		INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('time_zone', '"Europe/Prague"'),
			('staffing', '{"aht_seconds": -1, "max_occupancy": 7}'), ('business_hours', '[]'), ('holidays', '{"country": "CZ", "dates": [{"date": "2026-12-24", "share": -1}]}')
			ON CONFLICT (setting_key) DO UPDATE SET setting_value = EXCLUDED.setting_value;
		INSERT INTO public.conversations (created_at, channel_type) SELECT timestamptz '2026-11-29 12:00+01' + n * interval '1 day', 'website' FROM generate_series(1, 400) AS n;
		INSERT INTO public.conversations (created_at, channel_type) VALUES ('1970-01-01', 'website'), ('2025-02-03', NULL), ('2025-02-04', '');
		DELETE FROM public.conversations WHERE channel_type = 'email' AND created_at BETWEEN '2026-10-05' AND '2026-10-12';
		INSERT INTO public.agent_availability (agent_id, working_hours) SELECT gen_random_uuid(), h::jsonb
			FROM unnest('{"[]","{}","7","null","{\"monday\": {\"start\": \"25:00\", \"end\": \"x\"}}"}'::text[]) AS h;
		SET session_replication_role = origin`)
	runs, err := predict.Forecast(ctx, conn, predict.Everything(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		faults, _ := r.Details["settings"].([]string)
		if text := strings.Join(faults, "\n"); len(faults) != 3 || !strings.Contains(text, "max_occupancy 7") || !strings.Contains(text, "share -1") {
			t.Errorf("%s %s: settings %q", r.Metric, r.Channel, faults)
		}
		if missing, _ := r.Details["missing_days"].([]string); r.Channel == "email" && len(missing) < 7 {
			t.Errorf("the gap of a channel: %v", missing)
		}
	}
	if day := runs[0]; day.Status != forecast.OK || day.Details["from"] != "2026-08-31" || day.Accuracy.Value < 0.8 {
		t.Errorf("from %v: %+v", day.Details["from"], day.Accuracy)
	}
	plan, err := predict.Staffing(ctx, conn, predict.PlanOptions{Now: now})
	if err != nil || plan.Status != forecast.OK || plan.Hours[10].Scheduled != nil {
		t.Errorf("%s, %v: %+v", plan.Status, err, plan.Hours[:min(11, len(plan.Hours))])
	}
	// Conversations without messages tell nothing of the AI's share. More than is computed is a state, and takes the last plan away.
	exec(t, conn, "DELETE FROM public.messages")
	exec(t, conn, `UPDATE public.system_settings SET setting_value = '{"aht_seconds": 31622400, "channels": {"email": {"deferred": false}}}' WHERE setting_key = 'staffing'`)
	exec(t, conn, "SET session_replication_role = replica; INSERT INTO public.conversations (created_at) SELECT timestamptz '2026-11-28 12:00+01' - (n % 60) * interval '1 day' FROM generate_series(1, 12000) AS n; SET session_replication_role = origin")
	if plan, err = predict.Staffing(ctx, conn, predict.PlanOptions{Now: now}); err != nil || plan.Status != predict.TooLarge || plan.Reason == nil {
		t.Errorf("%s, %v, %v", plan.Status, plan.Reason, err)
	}
	if n := value[int](t, conn, "SELECT count(*)::int FROM public.predictive_analytics WHERE prediction_type = 'staffing_needs'"); n != 0 {
		t.Errorf("%d rows of a plan that cannot be", n)
	}
}
