package kpi_test

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The conversations listed for a figure are as many as the figure says.
func TestConversationsOfEachFigure(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 21, 100, until, 20)
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('kpi_targets', '{"first_response_seconds": {"default": 600}, "resolution_seconds": {"default": 7200}}')`)
	refresh(t, owner, false)
	for _, state := range []string{"kept", "changed"} {
		if state == "changed" {
			exec(t, owner, edits[2])
			exec(t, owner, edits[3])
		}
		as(t, url, bob, func(conn query) {
			for _, filter := range []string{"", ", channel => 'email'", ", priority => 'high', language => 'en'"} {
				type kind struct {
					Figure, Kind  string
					Value, Of, By *float64
					Rows          int
					Counted       float64
				}
				list := collect[kind](t, conn, `SELECT r.figure, c.kind, r.value::float8, r.numerator::float8, r.denominator::float8, d.rows::int, d.counted::float8
					FROM public.get_executive_dashboard($1, $2`+filter+`) AS r JOIN romashka.kpi_catalogue() AS c USING (figure)
					CROSS JOIN LATERAL (SELECT count(*) AS rows, COALESCE(sum(g.counted), 0) AS counted FROM public.get_conversations($1, $2, figure => r.figure`+filter+`) AS g) AS d`,
					until.AddDate(0, 0, -15), until)
				if len(list) < 50 {
					t.Fatalf("%d figures", len(list))
				}
				for _, k := range list {
					want := k.Of
					if k.Kind == "mean" || k.Kind == "p50" || k.Kind == "p90" {
						want = k.By
					}
					if math.Abs(*want-k.Counted) > 1e-9 {
						t.Errorf("%s%s: %s counts %v, its conversations %v", state, filter, k.Figure, *want, k.Counted)
					}
					if (k.Kind == "count" || k.Kind == "contacts") && float64(k.Rows) != *k.Value {
						t.Errorf("%s%s: %s is %v, and %d conversations are listed", state, filter, k.Figure, *k.Value, k.Rows)
					}
				}
			}
		})
	}
	as(t, url, bob, func(conn query) {
		for _, sql := range []string{"SELECT 1 FROM public.get_conversations(figure => 'no such')", "SELECT 1 FROM public.get_executive_dashboard(zone => 'Mars/Olympus')",
			"SELECT 1 FROM public.get_conversation_trends(grain => 'minute')", "SELECT 1 FROM public.get_conversations(max_rows => -1)",
			"SELECT 1 FROM public.get_executive_dashboard('2026-03-02', '2026-03-01')", "SELECT 1 FROM public.get_executive_dashboard('-infinity', 'infinity')"} {
			rows, err := conn.Query(context.Background(), "SAVEPOINT s")
			if err == nil {
				rows.Close()
			}
			rows, err = conn.Query(context.Background(), sql)
			if err == nil {
				rows.Close()
				err = rows.Err()
			}
			if err == nil || !strings.Contains(err.Error(), "22023") {
				t.Errorf("%s: %v, want 22023", sql, err)
			}
			if rows, err = conn.Query(context.Background(), "ROLLBACK TO s"); err == nil {
				rows.Close()
			}
		}
	})
}

// Topics, the AI's figures, busy hours and the state of the moment.
func TestOtherFunctions(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 22, 200, until, 30)
	for _, state := range []string{"raw", "kept", "changed"} {
		switch state {
		case "kept":
			refresh(t, owner, false)
		case "changed":
			exec(t, owner, edits[2])
			exec(t, owner, edits[4])
		}
		as(t, url, bob, func(conn query) {
			list := all(readWorld(t, conn))
			from := until.AddDate(0, 0, -20)
			in := within(list, from, until)
			topics(t, state, conn, in, from, until)
			quality(t, state, conn, in, from, until)
			busy(t, state, conn, in, from, until)
			live(t, state, conn, list)
		})
	}
}

func topics(t *testing.T, state string, conn query, in []*facts, from, until time.Time) {
	t.Helper()
	want := map[string][]*facts{}
	for _, f := range in {
		want["intent "+f.topic] = append(want["intent "+f.topic], f)
		for _, tag := range keysOf(f, "tag") {
			want["tag "+tag] = append(want["tag "+tag], f)
		}
	}
	groups(t, state+" by topic", collect[keyed](t, conn, "SELECT kind || ' ' || topic, "+columns+" FROM public.get_topics($1, $2)", from, until), want)
}

func quality(t *testing.T, state string, conn query, in []*facts, from, until time.Time) {
	t.Helper()
	weeks := map[string][]*facts{}
	for _, f := range in {
		key := slot(f.start, from, time.UTC, "week")
		weeks[key] = append(weeks[key], f)
	}
	groups(t, state+", AI by week", collect[keyed](t, conn, "SELECT period_start::text, "+columns+" FROM public.get_ai_performance($1, $2, 'week') WHERE detail IS NULL", from, until), weeks)

	type tenth struct{ n, right, sum float64 }
	var tenths [10]tenth
	reasons := map[string]float64{}
	for _, f := range in {
		for _, s := range f.scores {
			c := &tenths[min(9, int(math.Floor(s.confidence*10+1e-9)))]
			c.n++
			c.sum += s.confidence
			if s.right {
				c.right++
			}
		}
		if f.n["handoffs"] == 1 {
			reasons[or(f.Reason, "not stated")]++
		}
	}
	type detail struct {
		Figure, Detail          string
		Expected, Numerator, By *float64
	}
	seen := 0
	for _, d := range collect[detail](t, conn, "SELECT figure, detail, expected::float8, numerator::float8, denominator::float8 FROM public.get_ai_performance($1, $2) WHERE detail IS NOT NULL", from, until) {
		switch d.Figure {
		case "handoff_reason":
			if *d.Numerator != reasons[d.Detail] {
				t.Errorf("%s: %v handoffs because of %s, want %v", state, *d.Numerator, d.Detail, reasons[d.Detail])
			}
		case "calibration":
			i, err := strconv.Atoi(strings.TrimPrefix(d.Detail, "0."))
			if err != nil {
				t.Fatal(err)
			}
			want := tenths[i]
			if *d.Numerator != want.right || *d.By != want.n || want.n > 0 && math.Abs(*d.Expected-want.sum/want.n) > 1e-4 {
				t.Errorf("%s: calibration from %s: %v of %v, want %v", state, d.Detail, *d.Numerator, *d.By, want)
			}
		}
		seen++
	}
	if seen != 10+len(reasons) {
		t.Errorf("%s: %d details, want 10 tenths and %d reasons", state, seen, len(reasons))
	}
}

func busy(t *testing.T, state string, conn query, in []*facts, from, until time.Time) {
	t.Helper()
	for _, tt := range []struct {
		zone, filter string
		yes          func(*facts) bool
	}{
		{"UTC", "", func(*facts) bool { return true }},
		{"Europe/Berlin", "", func(*facts) bool { return true }},
		{"Asia/Kolkata", ", channel => 'email'", func(f *facts) bool { return f.channel == "email" }},
		{"Asia/Kolkata", ", channel => 'email', priority => 'high'", func(f *facts) bool { return f.channel == "email" && f.priority == "high" }},
		{"UTC", ", agent => '" + alice + "', language => 'de'", func(f *facts) bool { return f.agent == alice && f.language == "de" }},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		type cell struct{ Weekday, Hour, N, Answered int }
		want := map[[2]int]cell{}
		for _, f := range keep(in, tt.yes) {
			local := f.start.In(zone)
			c := want[[2]int{(int(local.Weekday())+6)%7 + 1, local.Hour()}]
			c.N, c.Answered = c.N+1, c.Answered+int(f.n["answered"])
			want[[2]int{(int(local.Weekday())+6)%7 + 1, local.Hour()}] = c
		}
		cells := collect[cell](t, conn, "SELECT weekday, hour, conversations::int, answered::int FROM public.get_busy_hours($1, $2, $3"+tt.filter+")", from, until, tt.zone)
		if len(cells) != 168 {
			t.Errorf("%s, %s: %d hours of the week", state, tt.zone, len(cells))
		}
		for _, c := range cells {
			if w := want[[2]int{c.Weekday, c.Hour}]; c.N != w.N || c.Answered != w.Answered {
				t.Errorf("%s, %s%s: %v, want %d, %d answered", state, tt.zone, tt.filter, c, w.N, w.Answered)
			}
		}
		to := time.Now().Add(30 * time.Hour) // hours to come are none of the range yet
		type span struct {
			Weekday, Hour, Hours int
			Now                  time.Time
		}
		for _, s := range collect[span](t, conn, "SELECT weekday, hour, hours::int, now() FROM public.get_busy_hours($1, $2, $3"+tt.filter+")", from, to, tt.zone) {
			begun := 0
			for at := from; at.Before(to) && !at.After(s.Now); {
				local := at.In(zone)
				if (int(local.Weekday())+6)%7+1 == s.Weekday && local.Hour() == s.Hour {
					begun++
				}
				at = at.Add(hour - time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
			}
			if s.Hours != begun {
				t.Errorf("%s, %s: %d hours %d of weekday %d, want %d", state, tt.zone, s.Hours, s.Hour, s.Weekday, begun)
			}
		}
	}
}

func live(t *testing.T, state string, conn query, list []*facts) {
	t.Helper()
	open := keep(list, func(f *facts) bool { return f.n["open"] == 1 })
	waiting := keep(open, func(f *facts) bool { return f.unansweredSince != nil })
	want := map[string]int{"active": len(open), "waiting": len(waiting), "unassigned": len(keep(open, func(f *facts) bool { return f.agent == "none" }))}
	found := 0
	for _, f := range collect[figure](t, conn, "SELECT "+columns+" FROM public.get_operational_dashboard()") {
		if n, ok := want[f.Name]; ok {
			found++
			if *f.Value != float64(n) {
				t.Errorf("%s: %s = %v, want %d", state, f.Name, *f.Value, n)
			}
		}
	}
	if found != len(want) {
		t.Errorf("%s: %d of %d figures", state, found, len(want))
	}
}

// Return on investment by its formula: settings for admins, scenarios for all.
func TestROI(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 31, 120, until, 20)
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('roi', '{"wage_per_hour": 24, "minutes_per_conversation": 10, "ai_cost_per_resolution": 0.5, "platform_cost_per_month": 30}')`)
	type row struct {
		Name           string
		Value          *float64
		Source, Reason *string
	}
	from := until.AddDate(0, 0, -10)
	for _, tt := range []struct {
		person, scenario string
		wage             float64
		whole            bool
	}{{anna, "NULL", 24, true}, {alice, "NULL", 0, false}, {anna, `{"wage_per_hour": 48}`, 48, true}} {
		as(t, url, tt.person, func(conn query) {
			n := computed(within(all(readWorld(t, conn)), from, until))["ai_resolved"].Value
			scenario := any(tt.scenario)
			if tt.scenario == "NULL" {
				scenario = nil
			}
			got := map[string]row{}
			for _, r := range collect[row](t, conn, "SELECT name, value::float8, source, reason FROM public.get_roi($1, $2, scenario => $3) WHERE kind <> 'sensitivity'", from, until, scenario) {
				got[r.Name] = r
				if r.Value == nil && r.Reason == nil {
					t.Errorf("%s of %s is NULL without a reason", r.Name, tt.person)
				}
			}
			if *got["ai_resolved"].Value != *n {
				t.Errorf("resolved by AI: %v, want %v", *got["ai_resolved"].Value, *n)
			}
			if !tt.whole {
				if got["roi"].Value != nil || got["benefit"].Value != nil {
					t.Errorf("a user without the settings gets %v", got)
				}
				return
			}
			benefit, cost := *n*tt.wage/60*10, *n*0.5+30*10*12/365.25
			for name, want := range map[string]float64{"benefit": benefit, "cost": cost, "net_savings": benefit - cost, "roi": (benefit - cost) / cost} {
				if g := got[name].Value; g == nil || math.Abs(*g-want) > 1e-3 {
					t.Errorf("%s = %s, want %v", name, show(g), want)
				}
			}
			if got["payback_days"].Value != nil || or(got["payback_days"].Reason, "") != "missing: investment" {
				t.Errorf("payback without investment: %v", got["payback_days"])
			}
		})
	}
}

// The rows of the tables agree with the functions, in the tenant's zone.
func TestRows(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 32, 300, until, 6)
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('time_zone', '"Asia/Kolkata"')`)
	refresh(t, owner, false)
	for range 2 { // the second adds nothing
		exec(t, owner, "SELECT romashka.job_daily_metrics(NULL)")
	}
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	as(t, url, bob, func(conn query) {
		days := map[string][]*facts{}
		for _, f := range all(readWorld(t, conn)) {
			if f.Started != nil {
				key := f.start.In(kolkata).Format(time.DateOnly)
				days[key] = append(days[key], f)
			}
		}
		groups(t, "advanced_metrics", collect[keyed](t, conn, `SELECT metric_metadata ->> 'date', metric_subtype, metric_value::float8, (metric_metadata ->> 'numerator')::float8,
			(metric_metadata ->> 'denominator')::float8, NULL::float8, NULL::float8, metric_metadata ->> 'reason' FROM public.advanced_metrics WHERE metric_value IS NULL OR abs(metric_value) > 100`), days)
		type day struct {
			Date                          string
			Total, AI, Human, Left, Rated int
		}
		rows := collect[day](t, conn, `SELECT date::text, total_conversations, ai_resolved_conversations, human_resolved_conversations, abandoned_conversations, total_ratings
			FROM public.daily_metrics WHERE channel_type = 'all'`)
		if len(rows) != len(days) {
			t.Errorf("daily_metrics has %d days, want %d", len(rows), len(days))
		}
		for _, r := range rows {
			w := computed(days[r.Date])
			want := day{r.Date, int(*w["conversations"].Value), int(*w["ai_resolved"].Value), int(*w["human_resolved"].Value), int(*w["abandoned"].Value), int(*w["csat"].Denominator)}
			if r != want {
				t.Errorf("daily_metrics: %v, want %v", r, want)
			}
		}
		type kpi struct {
			Name, Date string
			Value      *float64
			Reason     *string
		}
		names := map[string]string{"customer_satisfaction": "csat_mean", "response_time": "first_response_mean", "resolution_rate": "resolution_rate", "ai_efficiency": "ai_accuracy"}
		list := collect[kpi](t, conn, "SELECT metric_name, dimensions ->> 'date', metric_value::float8, dimensions ->> 'reason' FROM public.business_intelligence WHERE metric_category = 'kpi'")
		if len(list) != 5*len(days) {
			t.Errorf("business_intelligence has %d rows, want 5 for each of %d days", len(list), len(days))
		}
		for _, k := range list {
			if name, ok := names[k.Name]; ok && !same(k.Value, computed(days[k.Date])[name].Value, 1e-4) {
				t.Errorf("%s of %s = %s, want %s", k.Name, k.Date, show(k.Value), show(computed(days[k.Date])[name].Value))
			}
			if k.Value == nil && k.Reason == nil {
				t.Errorf("%s of %s is NULL without a reason", k.Name, k.Date)
			}
		}
	})
}
