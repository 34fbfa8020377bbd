package kpi_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
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
		('a0000000-0000-4000-8000-000000000002', 'resolved', '2026-11-01 15:00Z', '2026-11-01 16:00Z', 'unanswered'),
		('a0000000-0000-4000-8000-000000000003', 'resolved', '2026-11-05 15:00Z', '294276-12-31 23:00Z', 'far'),
		('a0000000-0000-4000-8000-000000000004', 'resolved', '294276-12-30 15:00Z', NULL, 'far'),
		('a0000000-0000-4000-8000-000000000005', 'resolved', '4713-02-01 15:00Z BC', NULL, 'far')`)
	exec(t, owner, `UPDATE public.conversations SET tags = '{vip,NULL}' WHERE intent = 'far'`)
	exec(t, owner, `INSERT INTO public.conversation_analytics (conversation_id, started_at, revenue_generated) VALUES
		('a0000000-0000-4000-8000-000000000002', '2026-11-01 15:00', -20), ('a0000000-0000-4000-8000-000000000003', '2026-11-05 15:00', 'NaN')
		ON CONFLICT (conversation_id) DO UPDATE SET revenue_generated = EXCLUDED.revenue_generated`)
	exec(t, owner, `INSERT INTO public.messages (conversation_id, sender_type, content, confidence_score, created_at) VALUES
		('a0000000-0000-4000-8000-000000000001', 'user', 'Where?', NULL, '2026-11-01 04:30Z'),
		('a0000000-0000-4000-8000-000000000001', 'ai', 'Here.', 0, '2026-11-01 04:31Z'),
		('a0000000-0000-4000-8000-000000000001', 'user', 'Ah.', NULL, 'infinity'),
		('a0000000-0000-4000-8000-000000000002', 'user', 'Hello?', NULL, '2026-11-01 15:00Z'),
		('a0000000-0000-4000-8000-000000000003', 'user', 'Hello?', NULL, '2026-11-05 15:00Z'),
		('a0000000-0000-4000-8000-000000000003', 'agent', 'Yes.', NULL, '294276-12-31 23:00Z')`)
	type answer struct {
		What string
		N    *float64
	}
	for _, when := range []string{"read", "kept"} {
		as(t, url, alice, func(conn query) {
			for sql, want := range map[string]string{
				"SELECT topic, value::float8 FROM get_topics('2026-11-05', '2026-11-06', figures => '{conversations}') WHERE kind = 'tag'":                                                                                              "vip 1",
				"SELECT figure, value::float8 FROM get_executive_dashboard('2026-11-01', '2026-11-06', figures => '{revenue,agent_messages}')":                                                                                          "agent_messages 0, revenue 0",
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
	if got := collect[answer](t, owner, "SELECT count(*)::text, count(*)::float8 FROM romashka.kpi_facts")[0].What; got != "3" {
		t.Errorf("%s facts, want 3", got)
	}
	for _, job := range []string{"refresh_journey(true)", "refresh_journey()", "job_daily_metrics(NULL)"} { // no row stops another job
		exec(t, owner, "SELECT * FROM romashka."+job)
	}
}

// A customer who first writes long after the beginning is not missed for three
// hours, whenever the range asked for ended; and his complaint within three days ends
// what a resolution had held, though he wrote again later.
func TestLateWords(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	exec(t, owner, `INSERT INTO public.conversations (id, status, created_at, resolved_at) VALUES
		('a0000000-0000-4000-8000-000000000001', 'active', now() - interval '10 hours', NULL),
		('a0000000-0000-4000-8000-000000000002', 'resolved', now() - interval '30 days', now() - interval '29 days'),
		('a0000000-0000-4000-8000-000000000003', 'resolved', now() - interval '30 days', now() - interval '29 days')`)
	exec(t, owner, `INSERT INTO public.messages (conversation_id, sender_type, content, created_at) VALUES
		('a0000000-0000-4000-8000-000000000001', 'agent', 'May I help?', now() - interval '10 hours'),
		('a0000000-0000-4000-8000-000000000001', 'user', 'Yes.', now() - interval '1 hour'),
		('a0000000-0000-4000-8000-000000000002', 'user', 'Where?', now() - interval '30 days'),
		('a0000000-0000-4000-8000-000000000002', 'ai', 'Here.', now() - interval '30 days' + interval '1 minute'),
		('a0000000-0000-4000-8000-000000000002', 'user', 'It is not.', now() - interval '29 days' + interval '1 hour'),
		('a0000000-0000-4000-8000-000000000002', 'user', 'Hello?', now() - interval '29 days' + interval '80 hours'),
		('a0000000-0000-4000-8000-000000000003', 'user', 'Where?', now() - interval '30 days'),
		('a0000000-0000-4000-8000-000000000003', 'ai', 'Here.', now() - interval '30 days' + interval '1 minute'),
		('a0000000-0000-4000-8000-000000000003', 'user', 'Thanks.', now() - interval '29 days' + interval '80 hours')`)
	type count struct{ N float64 }
	for _, when := range []string{"read", "kept"} {
		as(t, url, alice, func(conn query) {
			for sql, want := range map[string]float64{
				"SELECT value::float8 FROM get_executive_dashboard(now() - interval '20 hours', now() - interval '5 hours', figures => '{missed}')":                     0,
				"SELECT count(*)::float8 FROM get_conversations(now() - interval '20 hours', now() - interval '5 hours', figure => 'missed')":                           0,
				"SELECT numerator::float8 FROM get_executive_dashboard(now() - interval '40 days', now() - interval '20 days', figures => '{ai_held_resolution_rate}')": 1,
				"SELECT count(*)::float8 FROM get_conversations(now() - interval '40 days', now() - interval '20 days', figure => 'ai_held_resolution_rate')":           1,
				"SELECT value::float8 FROM get_executive_dashboard(now() - interval '40 days', now() - interval '20 days', figures => '{ai_resolved}')":                 2,
			} {
				if got := collect[count](t, conn, sql)[0].N; got != want {
					t.Errorf("%s: %s: %v, want %v", when, sql, got, want)
				}
			}
		})
		refresh(t, owner, false)
	}
}

// Two reports of one range give one percentile, exact or not.
func TestReportsOfOneRangeAgree(t *testing.T) {
	t.Parallel()
	_, owner := database(t)
	until := time.Now().Truncate(24 * time.Hour)
	populate(t, owner, 7, 400, until, 10)
	refresh(t, owner, false)
	type value struct {
		Key, Figure string
		Value       *float64
		Reason      *string
	}
	const report = `SELECT r.key, r.figure, r.value::float8, r.reason FROM romashka.kpi_report(ARRAY[$1, $2]::timestamptz[], $3, $4, '{first_response_median,resolution_time_p90}', $5) AS r`
	reasons := map[string]bool{}
	for _, few := range []int{10, 300, 100_000} { // fewer than the email's, between those and all, more than all
		one := collect[value](t, owner, report, until.AddDate(0, 0, -10), until, "all", []*string{new("email"), nil, nil, nil, nil, nil}, few)
		for _, of := range collect[value](t, owner, report, until.AddDate(0, 0, -10), until, "channel", make([]*string, 6), few) {
			i := slices.IndexFunc(one, func(v value) bool { return of.Key == "email" && v.Figure == of.Figure })
			if i < 0 {
				continue
			}
			if of.Value == nil || one[i].Value == nil || *of.Value != *one[i].Value {
				t.Errorf("up to %d: %s is %v by channel, %v filtered", few, of.Figure, of.Value, one[i].Value)
			}
			reasons[or(of.Reason, "exact")] = true
		}
	}
	if len(reasons) != 2 {
		t.Errorf("percentiles are %v, want exact and estimated ones", reasons)
	}
}

// Whoever may write a conversation can make its texts as long as the columns take them, and
// its tags as many: the job goes on, and a text counts by its beginning.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 5, 20, until, 20)
	for _, column := range []string{"channel_type", "department", "priority", "language", "intent"} {
		exec(t, owner, "ALTER TABLE public.conversations ALTER "+column+" TYPE text")
	}
	exec(t, owner, `CREATE FUNCTION pg_temp.long(seed integer) RETURNS text LANGUAGE sql AS $$
		SELECT string_agg(chr(65536 + ('x' || substr(md5(seed::text || n), 1, 4))::bit(16)::integer), '') FROM generate_series(1, 3000) AS n (n) $$`)
	exec(t, owner, `UPDATE public.conversations SET channel_type = pg_temp.long(1), department = pg_temp.long(2), priority = pg_temp.long(3), language = pg_temp.long(4),
		intent = pg_temp.long(5), tags = ARRAY(SELECT pg_temp.long(6 + n) FROM generate_series(1, 60) AS n (n))
		WHERE id = (SELECT min(id::text)::uuid FROM public.conversations)`)
	want := collect[struct{ Channel, Topic string }](t, owner, "SELECT left(pg_temp.long(1), 100), left(pg_temp.long(5), 100)")[0]
	for _, state := range []string{"raw", "kept"} {
		if state == "kept" {
			refresh(t, owner, false)
			refresh(t, owner, false)
		}
		as(t, url, bob, func(conn query) {
			const counts = "SELECT value::int FROM public."
			for call, args := range map[string][]any{
				"get_channel_performance(figures => '{conversations}') WHERE channel_type = $1":                {want.Channel},
				"get_topics(figures => '{conversations}') WHERE kind = 'intent' AND topic = $1":                {want.Topic},
				"get_topics(channel => $1, figures => '{conversations}') WHERE kind = 'intent' AND topic = $2": {want.Channel, want.Topic},
				"get_executive_dashboard(channel => $1, figures => '{contacts}')":                              {want.Channel},
			} {
				if got := collect[struct{ N int }](t, conn, counts+call, args...); len(got) != 1 || got[0].N != 1 {
					t.Errorf("%s: %s gives %v, want 1", state, call, got)
				}
			}
			if n := collect[struct{ N int }](t, conn, "SELECT count(*)::int FROM public.get_topics(figures => '{conversations}') WHERE kind = 'tag' AND length(topic) = 100")[0].N; n != 50 {
				t.Errorf("%s: %d long tags, want 50", state, n)
			}
		})
	}
}
