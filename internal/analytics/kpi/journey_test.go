package kpi_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// step is a stage of one conversation, and a row of customer_journey.
type step struct {
	Conversation, Stage, Rule, Channel string
	Customer                           *string
	Converted                          bool
	Score                              *int
	Seconds                            *int
	At                                 time.Time
}

// life is one customer: when he first was in each stage.
type life struct {
	channel string
	first   map[string]time.Time
}

// funnel is the order of stages; only the first three are steps of the funnel. Read-only.
var funnel = []string{"discovery", "consideration", "decision", "onboarding", "support", "retention"}

// journeysOf computes stages again, from the conversations of a world.
func journeysOf(world []*conversation, onboarding, silence time.Duration) (steps []step, lives []life) {
	people := map[string][]*facts{}
	for _, f := range all(world) {
		if f.Started != nil {
			people[f.customer] = append(people[f.customer], f)
		}
	}
	for _, list := range people {
		slices.SortFunc(list, func(a, b *facts) int { return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.ID, b.ID)) })
		l := life{channel: list[0].channel, first: map[string]time.Time{}}
		var bought *time.Time
		for i, f := range list {
			note := func(stage, rule string) {
				s := step{Conversation: f.ID, Stage: stage, Rule: rule, Channel: f.channel, Customer: f.Customer, Converted: f.n["conversions"] == 1, At: f.start}
				if f.n["ratings"] == 1 {
					score := int(f.n["rating_sum"] + 0.5)
					s.Score = &score
				}
				for _, m := range f.messages {
					if seconds := int(m.At.Sub(f.start).Seconds() + 0.5); s.Seconds == nil || *s.Seconds < seconds {
						s.Seconds = &seconds
					}
				}
				steps = append(steps, s)
				if _, ok := l.first[stage]; !ok {
					l.first[stage] = f.start
				}
			}
			if i == 0 {
				note("discovery", "first_contact")
			}
			switch {
			case f.n["conversions"] == 1:
				note("decision", "conversion")
				if bought == nil {
					bought = &f.start
				}
			case i == 0:
			case f.start.Sub(list[i-1].start) >= silence:
				note("retention", "return_after_silence")
			case bought == nil:
				note("consideration", "repeat_before_purchase")
			case f.start.Before(bought.Add(onboarding)):
				note("onboarding", "onboarding_window")
			default:
				note("support", "later_contact")
			}
		}
		lives = append(lives, l)
	}
	return steps, lives
}

// funnelOf gives, for each stage and figure, value and denominator.
func funnelOf(lives []life) map[string]figure {
	got := map[string]figure{}
	cohort, considered, decided := float64(len(lives)), 0.0, 0.0
	for _, l := range lives {
		_, c := l.first["consideration"]
		_, d := l.first["decision"]
		if d {
			decided++
		}
		if c || d {
			considered++
		}
	}
	for _, stage := range funnel {
		var since, step []float64
		for _, l := range lives {
			at, ok := l.first[stage]
			if !ok {
				continue
			}
			since = append(since, 1000*at.Sub(l.first["discovery"]).Seconds())
			var before time.Time
			for other, t := range l.first {
				if other != stage && !t.After(at) && t.After(before) {
					before = t
				}
			}
			step = append(step, 1000*at.Sub(before).Seconds())
		}
		n := float64(len(since))
		got[stage+" customers"] = counted(n)
		sums := map[string]float64{"n": n, "cohort": cohort}
		got[stage+" reach_rate"] = ratio{of: "n", by: "cohort"}.figure(sums)
		if stage == "discovery" {
			got[stage+" drop_off_rate"] = ratio{of: "n", by: "cohort"}.figure(map[string]float64{"n": cohort - considered, "cohort": cohort})
			continue
		}
		if stage == "consideration" {
			got[stage+" drop_off_rate"] = ratio{of: "n", by: "cohort"}.figure(map[string]float64{"n": considered - decided, "cohort": considered})
		}
		got[stage+" time_from_first_median"] = percentile(since, 0.5, 5)
		got[stage+" time_from_first_p90"] = percentile(since, 0.9, 20)
		got[stage+" time_from_previous_median"] = percentile(step, 0.5, 5)
	}
	return got
}

// checkJourney compares get_journey with the recomputation of the rows that conn sees.
func checkJourney(t *testing.T, what string, conn query, until time.Time, onboarding, silence time.Duration) {
	t.Helper()
	_, lives := journeysOf(readWorld(t, conn), onboarding, silence)
	for _, days := range []int{400, 90} {
		for _, channel := range []string{"", "email"} {
			from := until.AddDate(0, 0, -days)
			var in []life
			for _, l := range lives {
				if at := l.first["discovery"]; !at.Before(from) && at.Before(until) && (channel == "" || l.channel == channel) {
					in = append(in, l)
				}
			}
			want := funnelOf(in)
			rows := collect[figure](t, conn, `SELECT stage || ' ' || figure, value::float8, numerator::float8, denominator::float8, low::float8, high::float8, reason
				FROM public.get_journey($1, $2, 'Europe/Berlin', NULLIF($3, ''))`, from, until, channel)
			if len(rows) != 33 {
				t.Fatalf("%s: %d rows", what, len(rows))
			}
			for _, g := range rows {
				w, ok := want[g.Name]
				if !ok {
					if g.Value != nil || or(g.Reason, "") != "no step of the funnel" {
						t.Errorf("%s: %s = %s", what, g.Name, show(g.Value))
					}
					continue
				}
				if !same(g.Value, w.Value, 2e-6) || !same(g.Denominator, w.Denominator, 0) || g.Value == nil && or(g.Reason, "") != or(w.Reason, "none") {
					t.Errorf("%s, %d days, channel %q: %s = %s of %s (%s), want %s of %s (%s)", what, days, channel, g.Name,
						show(g.Value), show(g.Denominator), or(g.Reason, ""), show(w.Value), show(w.Denominator), or(w.Reason, ""))
				}
			}
		}
	}
}

// checkRows compares customer_journey.
func checkRows(t *testing.T, what string, conn query, onboarding, silence time.Duration) {
	t.Helper()
	want, _ := journeysOf(readWorld(t, conn), onboarding, silence)
	got := collect[step](t, conn, `SELECT conversation_id::text, journey_stage, rule, channel_type, customer_id::text, conversion_achieved, satisfaction_score, session_duration, created_at
		FROM public.customer_journey WHERE conversation_id IS NOT NULL`)
	text := func(list []step) (lines []string) {
		for _, s := range list {
			score, seconds := "none", "none"
			if s.Score != nil {
				score = strconv.Itoa(*s.Score)
			}
			if s.Seconds != nil {
				seconds = strconv.Itoa(*s.Seconds)
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s %v %s %s %s", s.Conversation, s.Stage, s.Rule, s.Channel, or(s.Customer, "none"), s.Converted, score, seconds, s.At.UTC()))
		}
		slices.Sort(lines)
		return lines
	}
	w, g := text(want), text(got)
	if len(w) != len(g) {
		t.Errorf("%s: %d rows, want %d", what, len(g), len(w))
	}
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			t.Errorf("%s:\n got %s\nwant %s", what, g[i], w[i])
			break
		}
	}
}

func goOn(t *testing.T, owner *pgx.Conn, rebuild bool) {
	t.Helper()
	refresh(t, owner, false)
	for more := true; more; {
		list := collect[struct{ More bool }](t, owner, "SELECT more FROM romashka.refresh_journey($1, 7)", rebuild)
		more = list[0].More
	}
}

// Stages and funnel agree with the recomputation whatever is kept, and a rebuild
// gives the rows that the incremental way gave.
func TestJourney(t *testing.T) {
	t.Parallel()
	const day = 24 * hour
	url, owner := database(t)
	until := time.Now().UTC()
	user := func(what string, onboarding, silence time.Duration) {
		as(t, url, alice, func(conn query) { checkJourney(t, what, conn, until, onboarding, silence) })
	}
	user("empty", 30*day, 90*day)
	exec(t, owner, "INSERT INTO public.customer_journey (journey_stage, touchpoint) VALUES ('support', 'somebody else''s')")
	populate(t, owner, 31, 150, until, 380)
	user("raw", 30*day, 90*day)
	goOn(t, owner, false)
	user("kept", 30*day, 90*day)
	checkRows(t, "kept", owner, 30*day, 90*day)
	for _, edit := range edits {
		exec(t, owner, edit)
	}
	exec(t, owner, "UPDATE public.conversations SET customer_id = (SELECT id FROM public.customer_profiles ORDER BY id LIMIT 1) WHERE abs(hashtext(id::text)) % 10 = 1")
	user("changed", 30*day, 90*day)
	refresh(t, owner, false)
	user("queued", 30*day, 90*day)
	goOn(t, owner, false)
	user("taken in", 30*day, 90*day)
	checkRows(t, "taken in", owner, 30*day, 90*day)
	const hash = "SELECT md5(string_agg(r, E'\\n' ORDER BY r COLLATE \"C\")) FROM (SELECT j::text FROM romashka.journeys AS j UNION ALL SELECT d::text FROM romashka.journey_days AS d UNION ALL SELECT c::text FROM public.customer_journey AS c) AS a (r)"
	type row struct{ Hash string }
	before := collect[row](t, owner, hash)[0].Hash
	goOn(t, owner, true)
	if after := collect[row](t, owner, hash)[0].Hash; after != before {
		t.Error("a rebuild gives other rows")
	}
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('kpi_targets', '{"journey": {"onboarding_days": 10, "silence_days": 40}}')`)
	user("other settings", 10*day, 40*day)
	goOn(t, owner, false)
	user("other settings, taken in", 10*day, 40*day)
	checkRows(t, "other settings", owner, 10*day, 40*day)

	exec(t, owner, `DROP POLICY "Allow authenticated access" ON public.conversations`)
	exec(t, owner, `CREATE POLICY "own" ON public.conversations FOR SELECT TO authenticated USING (assigned_agent_id = auth.uid())`)
	exec(t, owner, `CREATE POLICY "admins" ON public.conversations FOR SELECT TO authenticated USING ((SELECT romashka.has_role('admin')))`)
	for _, person := range []string{alice, bob, anna} {
		as(t, url, person, func(conn query) { checkJourney(t, "as "+person, conn, until, 10*day, 40*day) })
	}
}
