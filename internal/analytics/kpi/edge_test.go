package kpi_test

import (
	"fmt"
	"testing"
)

// Conversations at the edges of clocks and of what a column can hold. The zone
// repeats midnight on 1 November 2026, at 04:00 and 05:00 UTC.
func TestEdges(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('time_zone', '"America/Havana"'),
		('business_hours', '{"sunday": {"start": "00:00", "end": "24:00"}}')`)
	exec(t, owner, `INSERT INTO public.conversations (id, status, created_at, resolved_at, intent) VALUES
		('a0000000-0000-4000-8000-000000000001', 'resolved', '2026-11-01 04:30Z', 'infinity', 'asks'),
		('a0000000-0000-4000-8000-000000000002', 'resolved', '2026-11-01 15:00Z', '2026-11-01 16:00Z', 'unanswered')`)
	exec(t, owner, `INSERT INTO public.messages (conversation_id, sender_type, content, confidence_score, created_at) VALUES
		('a0000000-0000-4000-8000-000000000001', 'user', 'Where?', NULL, '2026-11-01 04:30Z'),
		('a0000000-0000-4000-8000-000000000001', 'ai', 'Here.', 0, '2026-11-01 04:31Z'),
		('a0000000-0000-4000-8000-000000000001', 'user', 'Ah.', NULL, 'infinity'),
		('a0000000-0000-4000-8000-000000000002', 'user', 'Hello?', NULL, '2026-11-01 15:00Z')`)
	type answer struct {
		What string
		N    *float64
	}
	for _, when := range []string{"read", "kept"} {
		as(t, url, alice, func(conn query) {
			for sql, want := range map[string]string{
				"SELECT period_start::text, value::float8 FROM get_conversation_trends('2026-10-31', '2026-11-02', figures => '{conversations}') ORDER BY 1":                                                                            "2026-10-31 04:00:00+00 0, 2026-11-01 04:00:00+00 2",
				"SELECT weekday || ' ' || hour, conversations::float8 FROM get_busy_hours('2026-10-31', '2026-11-02') WHERE conversations > 0 ORDER BY 1":                                                                               "7 0 1, 7 10 1",
				"SELECT figure, denominator::float8 FROM get_executive_dashboard('2026-11-01', '2026-11-02', figures => '{business_first_response_median}')":                                                                            "business_first_response_median 1",
				"SELECT detail, expected::float8 FROM get_ai_performance('2026-11-01', '2026-11-02') WHERE figure = 'calibration' AND denominator > 0":                                                                                  "0.0 0",
				"SELECT figure, denominator::float8 FROM get_executive_dashboard('2026-11-01', '2026-11-02', figures => '{resolution_time_median}')":                                                                                    "resolution_time_median 1",
				"SELECT hour::text, conversations::float8 FROM get_busy_hours('2026-11-01 12:00Z', '2026-11-01 18:00Z', 'Australia/Lord_Howe') WHERE conversations > 0":                                                                 "2 1",
				"SELECT count(*)::text, NULL::float8 FROM romashka.kpi_hours('2026-10-03 12:00Z', '2026-10-04 12:00Z', 'Australia/Lord_Howe') AS h, unnest(h) AS e WHERE EXTRACT(minute FROM e AT TIME ZONE 'Australia/Lord_Howe') = 0": "24 -",
			} {
				got := ""
				for i, a := range collect[answer](t, conn, sql) {
					n := "-"
					if a.N != nil {
						n = fmt.Sprint(*a.N)
					}
					if i > 0 {
						got += ", "
					}
					got += a.What + " " + n
				}
				if got != want {
					t.Errorf("%s: %s: %s, want %s", when, sql, got, want)
				}
			}
		})
		refresh(t, owner, false)
	}
	if got := collect[answer](t, owner, "SELECT count(*)::text, count(*)::float8 FROM romashka.kpi_facts")[0].What; got != "2" {
		t.Errorf("%s facts, want 2", got)
	}
}
