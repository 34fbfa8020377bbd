package kpi_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const columns = "figure, value::float8, numerator::float8, denominator::float8, low::float8, high::float8, reason"

type keyed struct {
	Key *string
	figure
}

// all judges a world without targets.
func all(world []*conversation) (list []*facts) {
	for _, c := range world {
		list = append(list, judge(c, nil))
	}
	return list
}

// check compares each function with the recomputation of the rows that conn sees.
func check(t *testing.T, what string, conn query, until time.Time) {
	t.Helper()
	list := all(readWorld(t, conn))
	berlin, _ := time.LoadLocation("Europe/Berlin")
	kolkata, _ := time.LoadLocation("Asia/Kolkata")
	for _, r := range []struct {
		from, to time.Time
		zone     string
	}{
		{until.AddDate(0, 0, -30), until, "UTC"},
		{until.AddDate(0, 0, -9).Truncate(24 * hour), until.AddDate(0, 0, -2).Truncate(24 * hour), "UTC"},
		{until.Add(-100*hour - 17*time.Minute), until.Add(-3*hour + time.Second), "Europe/Berlin"},
		{time.Date(2026, 3, 28, 0, 0, 0, 0, berlin), time.Date(2026, 3, 30, 0, 0, 0, 0, berlin), "Europe/Berlin"}, // 23 hours among them
		{time.Date(2026, 3, 27, 0, 0, 0, 0, kolkata), time.Date(2026, 3, 31, 0, 0, 0, 0, kolkata), "Asia/Kolkata"},
	} {
		zone, err := time.LoadLocation(r.zone)
		if err != nil {
			t.Fatal(err)
		}
		in := within(list, r.from, r.to)
		name := fmt.Sprintf("%s, %s to %s", what, r.from, r.to)
		args := []any{r.from, r.to, r.zone}
		compare(t, name, collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard($1, $2, $3)", args...), in, 0)
		for filter, yes := range map[string]func(*facts) bool{
			"channel => 'email'":                     func(f *facts) bool { return f.channel == "email" },
			"agent => '" + alice + "'":               func(f *facts) bool { return f.agent == alice },
			"team => 'sales', priority => 'high'":    func(f *facts) bool { return f.team == "sales" && f.priority == "high" },
			"language => 'de', channel => 'website'": func(f *facts) bool { return f.language == "de" && f.channel == "website" },
			"channel => 'there is no such channel'":  func(*facts) bool { return false },
		} {
			compare(t, name+", "+filter, collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard($1, $2, $3, "+filter+")", args...), keep(in, yes), 0)
		}
		for _, grain := range []string{"hour", "day", "week", "month"} {
			if grain == "hour" && r.to.Sub(r.from) > 10*24*hour {
				continue
			}
			slots := map[string][]*facts{}
			for _, f := range in {
				slots[slot(f.start, r.from, zone, grain)] = append(slots[slot(f.start, r.from, zone, grain)], f)
			}
			rows := collect[keyed](t, conn, "SELECT period_start::text, "+columns+" FROM public.get_conversation_trends($1, $2, '"+grain+"', $3, figures => (SELECT array_agg(figure) FROM romashka.kpi_catalogue() WHERE kind <> 'none'))", args...)
			groups(t, name+" by "+grain, rows, slots)
		}
		by := func(of func(*facts) string) map[string][]*facts {
			m := map[string][]*facts{}
			for _, f := range in {
				m[of(f)] = append(m[of(f)], f)
			}
			return m
		}
		groups(t, name+" by channel", collect[keyed](t, conn, "SELECT channel_type, "+columns+" FROM public.get_channel_performance($1, $2, $3)", args...), by(func(f *facts) string { return f.channel }))
		groups(t, name+" by agent", collect[keyed](t, conn, "SELECT agent_id, "+columns+" FROM public.get_agent_performance($1, $2, $3)", args...), by(func(f *facts) string { return f.agent }))
		for _, of := range []string{"get_channel_performance($1, $2, $3, compare => true) AS g (filter, f", "get_agent_performance($1, $2, $3, compare => true) AS g (filter, name, f"} {
			agree(t, name+", before", conn, of, args)
		}
	}
}

// agree compares what a function says of each part of the period before with what the
// executive dashboard says, asked for that part.
func agree(t *testing.T, what string, conn query, function string, args []any) {
	t.Helper()
	filter := "channel"
	if strings.HasPrefix(function, "get_agent") {
		filter = "agent"
	}
	different := collect[struct{ Text string }](t, conn, `WITH g AS MATERIALIZED (SELECT * FROM public.`+function+`)
		), e AS MATERIALIZED (
			SELECT k.filter, e.* FROM (SELECT DISTINCT g.filter FROM g) AS k
			CROSS JOIN LATERAL public.get_executive_dashboard($1, $2, $3, `+filter+` => k.filter, compare => true) AS e
		)
		SELECT format('%s, %s: %s, want %s', g.filter, g.f, g.previous_value, e.previous_value) FROM g JOIN e ON e.filter = g.filter AND e.figure = g.f
		WHERE g.previous_value IS DISTINCT FROM e.previous_value OR g.change IS DISTINCT FROM e.change`, args...)
	if len(different) > 0 {
		t.Errorf("%s by %s: %v", what, filter, different)
	}
}

// slot is the beginning of the period that a moment lies in.
func slot(at, from time.Time, zone *time.Location, grain string) string {
	local := at.In(zone)
	start := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	switch grain {
	case "hour":
		start = local.Add(-time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
	case "week":
		start = start.AddDate(0, 0, -(int(start.Weekday())+6)%7)
	case "month":
		start = start.AddDate(0, 0, 1-start.Day())
	}
	if start.Before(from) {
		start = from
	}
	return start.UTC().Format("2006-01-02 15:04:05.999999")
}

// groups compares rows by their keys; a group that is not among the rows must be empty.
func groups(t *testing.T, what string, rows []keyed, want map[string][]*facts) {
	t.Helper()
	got := map[string][]figure{}
	for _, r := range rows {
		key := or(r.Key, "")
		if at, err := time.Parse("2006-01-02 15:04:05.999999Z07", key); err == nil {
			key = at.UTC().Format("2006-01-02 15:04:05.999999")
		}
		got[key] = append(got[key], r.figure)
	}
	for key, list := range want {
		if len(list) > 0 && len(got[key]) == 0 {
			t.Errorf("%s: nothing of %q, which has %d conversations", what, key, len(list))
		}
	}
	for key, figures := range got {
		compare(t, what+", "+key, figures, want[key], 0)
	}
}

// Figures of random worlds agree with the recomputation: read from raw rows, from
// the kept facts, with changes on top of them, and after the job has taken the
// changes in.
func TestFigures(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			url, owner := database(t)
			until := time.Now().UTC()
			populate(t, owner, seed, 120, until, 40)
			populate(t, owner, seed+100, 60, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), 5)
			user := func(what string) { as(t, url, alice, func(conn query) { check(t, what, conn, until) }) }
			user("raw")
			refresh(t, owner, false)
			user("kept")
			for _, edit := range edits {
				exec(t, owner, edit)
			}
			user("changed")
			populate(t, owner, seed+200, 30, until, 20)
			user("late rows")
			refresh(t, owner, false)
			user("taken in")
			before := bytes(t, owner)
			refresh(t, owner, true)
			if after := bytes(t, owner); after != before {
				t.Errorf("a rebuild gives other bytes: %s, was %s", after, before)
			}
		})
	}
}

// edits change and delete old rows. Read-only.
var edits = []string{
	"DELETE FROM public.messages WHERE abs(hashtext(id::text)) % 11 = 0",
	"DELETE FROM public.conversations WHERE abs(hashtext(id::text)) % 13 = 0",
	"UPDATE public.conversations SET channel_type = 'email', created_at = created_at - interval '50 hours' WHERE abs(hashtext(id::text)) % 7 = 1",
	"UPDATE public.conversations SET status = 'active' WHERE status = 'resolved' AND abs(hashtext(id::text)) % 7 = 2",
	"UPDATE public.messages SET sender_type = 'agent', sender_id = '" + bob + "' WHERE sender_type = 'ai' AND abs(hashtext(id::text)) % 9 = 3",
	"UPDATE public.conversation_analytics SET customer_satisfaction = 5 WHERE abs(hashtext(id::text)) % 3 = 0",
	"DELETE FROM public.conversation_analytics WHERE abs(hashtext(id::text)) % 5 = 0",
	"UPDATE public.conversations SET customer_id = (SELECT customer_id FROM public.conversations WHERE customer_id IS NOT NULL ORDER BY id LIMIT 1) WHERE abs(hashtext(id::text)) % 8 = 4",
}

// bytes returns all kept rows as one hash.
func bytes(t *testing.T, owner query) string {
	t.Helper()
	type row struct{ Hash string }
	list := collect[row](t, owner, `SELECT md5(string_agg(r, E'\n' ORDER BY r COLLATE "C")) FROM (
		SELECT f::text FROM romashka.kpi_facts AS f UNION ALL SELECT c::text FROM romashka.kpi_cells AS c UNION ALL SELECT b::text FROM romashka.kpi_bins AS b
		UNION ALL SELECT q::text FROM romashka.kpi_cubes AS q UNION ALL SELECT p::text FROM romashka.kpi_previous AS p UNION ALL SELECT s::text FROM romashka.kpi_pairs AS s) AS a (r)`)
	return list[0].Hash
}

// The demo tenant's figures agree as well.
func TestDemo(t *testing.T) {
	t.Parallel()
	url, _ := database(t)
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().UTC()
	if err := m.LoadDemo(context.Background(), demo.Options{Seed: 3, Rows: 6000, Until: until}); err != nil {
		t.Fatal(err)
	}
	refresh(t, pgtest.Conn(t, url), false)
	as(t, url, alice, func(conn query) { check(t, "demo", conn, until) })
}

// Percentiles from histograms are within 2 % of those of all waits.
func TestSketch(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 5, 400, until, 20)
	refresh(t, owner, false)
	as(t, url, alice, func(conn query) {
		list := all(readWorld(t, conn))
		from := until.AddDate(0, 0, -15)
		rows := collect[keyed](t, conn, "SELECT key, "+columns+` FROM romashka.kpi_report(ARRAY[$1, $2]::timestamptz[], 'channel', '{NULL,NULL,NULL,NULL,NULL,NULL}',
			(SELECT array_agg(figure) FROM romashka.kpi_catalogue() WHERE kind IN ('p50', 'p90')), 0)`, from, until)
		if len(rows) == 0 {
			t.Fatal("no rows")
		}
		for _, r := range rows {
			compare(t, "sketch of "+*r.Key, []figure{r.figure}, keep(within(list, from, until), func(f *facts) bool { return f.channel == *r.Key }), 0.0201)
		}
	})
}

// An empty tenant has counts of 0 and no rates, and no made-up values.
func TestEmpty(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	for _, state := range []string{"never filled", "filled"} {
		as(t, url, bob, func(conn query) {
			rows := collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard()")
			if len(rows) < 50 {
				t.Fatalf("%s: %d figures", state, len(rows))
			}
			for _, f := range rows {
				if _, isCount := counts[f.Name]; isCount || f.Name == "contacts" {
					if f.Value == nil || *f.Value != 0 {
						t.Errorf("%s: %s = %s, want 0", state, f.Name, show(f.Value))
					}
				} else if f.Value != nil || f.Reason == nil {
					t.Errorf("%s: %s = %s for the reason %v", state, f.Name, show(f.Value), f.Reason)
				}
			}
		})
		refresh(t, owner, false)
	}
}

// A user who may read some conversations gets the figures of those alone.
func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 9, 120, until, 20)
	refresh(t, owner, false)
	exec(t, owner, `DROP POLICY "Allow authenticated access" ON public.conversations`)
	exec(t, owner, `CREATE POLICY "own" ON public.conversations FOR SELECT TO authenticated USING (assigned_agent_id = auth.uid())`)
	exec(t, owner, `CREATE POLICY "admins" ON public.conversations FOR SELECT TO authenticated USING ((SELECT romashka.has_role('admin')))`)
	seen := map[string]int{}
	for _, person := range []string{alice, bob, anna} {
		as(t, url, person, func(conn query) {
			check(t, "as "+person, conn, until)
			seen[person] = len(readWorld(t, conn))
			if kept := collect[struct{ N int }](t, conn, "SELECT count(*)::int FROM romashka.kpi_facts")[0].N; kept != map[bool]int{true: 120}[person == anna] {
				t.Errorf("as %s: %d facts of all", person, kept)
			}
		})
	}
	if seen[alice] == 0 || seen[alice]+seen[bob] >= seen[anna] || seen[anna] != 120 {
		t.Errorf("the worlds do not differ: %v", seen)
	}
}

// Targets, business hours and the zone of the tenant.
func TestSettings(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 11, 150, until, 20)
	refresh(t, owner, false)
	targets := map[string]map[string]float64{"first_response_seconds": {"urgent": 60, "default": 600}, "resolution_seconds": {"high": 7200}}
	exec(t, owner, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('kpi_targets', $1), ('time_zone', '\"Asia/Kolkata\"')", targets)
	as(t, url, bob, func(conn query) { // what is kept was made without targets
		got := collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard(figures => '{sla_first_response_rate,sla_resolution_rate}')")
		for _, f := range got {
			if f.Value != nil || f.Reason == nil || *f.Reason != "settings have changed, and the job kpi has not run since" {
				t.Errorf("%s = %s before the job has run, for the reason %v", f.Name, show(f.Value), f.Reason)
			}
		}
		if len(got) != 2 {
			t.Errorf("%d shares", len(got))
		}
	})
	refresh(t, owner, false)
	as(t, url, bob, func(conn query) {
		var list []*facts
		for _, c := range readWorld(t, conn) {
			list = append(list, judge(c, targets))
		}
		compare(t, "targets", collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard($1, $2)", until.AddDate(0, 0, -30), until), list, 0)
		kolkata, _ := time.LoadLocation("Asia/Kolkata")
		y, m, d := until.In(kolkata).AddDate(0, 0, -5).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, kolkata)
		got := collect[figure](t, conn, "SELECT "+columns+" FROM public.get_executive_dashboard($1, $2)", time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC))
		compare(t, "a day of the tenant", got, within(list, day, day.AddDate(0, 0, 1)), 0)
	})
	if i := slices.IndexFunc(collect[figure](t, owner, "SELECT "+columns+" FROM public.get_executive_dashboard()"), func(f figure) bool { return f.Name == "sla_first_response_rate" && f.Value != nil }); i < 0 {
		t.Error("no share of first responses in time")
	}
}

// Business hours as a tenant may write them.
func TestBusinessHours(t *testing.T) {
	t.Parallel()
	_, owner := database(t)
	const day = "2026-03-03 " // a Tuesday
	for _, tt := range []struct {
		hours, from, to string
		want            time.Duration
	}{
		{`{"tuesday": {"start": "09:00", "end": "17:00"}}`, day + "08:00", day + "10:30", 90 * time.Minute},
		{`{"tuesday": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]}`, day + "11:00", day + "14:00", 2 * time.Hour},
		{`{"tuesday": [{"start": "00:00", "end": "12:00"}, {"start": "11:00", "end": "24:00"}]}`, day + "00:00", "2026-03-04 00:00", 24 * time.Hour},
		{`{"tuesday": [{"start": "09:00", "end": "17:00"}, {"start": "09:00", "end": "17:00"}]}`, day + "10:00", day + "11:00", time.Hour},
		{`{"tuesday": {"start": "17:00", "end": "09:00"}}`, day + "00:00", "2026-03-04 00:00", 0},
		{`{"monday": {"start": "09:00", "end": "17:00"}}`, day + "10:00", day + "11:00", 0},
		{`{"sunday": {"start": "00:00", "end": "24:00"}}`, "2026-03-29 00:00", "2026-03-30 00:00", 23 * time.Hour},
	} {
		got := collect[struct{ MS int64 }](t, owner, "SELECT romashka.kpi_business_ms($1::timestamp AT TIME ZONE 'Europe/Berlin', $2::timestamp AT TIME ZONE 'Europe/Berlin', 'Europe/Berlin', $3::jsonb, NULL)", tt.from, tt.to, tt.hours)[0].MS
		if got != tt.want.Milliseconds() {
			t.Errorf("%s, %s to %s: %v, want %v", tt.hours, tt.from, tt.to, time.Duration(got)*time.Millisecond, tt.want)
		}
	}
}
