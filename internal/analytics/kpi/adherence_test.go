package kpi_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// span is a time from one moment to another.
type span struct{ from, to time.Time }

// cover counts, minute by minute, how much of a range lies in some of a, and in some of
// a and b at once. All moments are whole minutes.
func cover(a, b []span, from, to time.Time) (ofA, ofBoth float64) {
	in := func(list []span, at time.Time) bool {
		for _, s := range list {
			if !at.Before(s.from) && at.Before(s.to) {
				return true
			}
		}
		return false
	}
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if in(a, at) {
			ofA += 60
			if in(b, at) {
				ofBoth += 60
			}
		}
	}
	return ofA, ofBoth
}

// adherenceOf counts anew what get_adherence gives of one agent.
func adherenceOf(shifts, online []span, from, to time.Time) map[string]float64 {
	const grace = 5 * time.Minute
	scheduled, kept := cover(shifts, online, from, to)
	present, _ := cover(online, nil, from, to)
	got := map[string]float64{"scheduled_time": scheduled, "adherent_time": kept, "unscheduled_time": present - kept, "shifts": 0, "late_starts": 0, "missed_shifts": 0}
	for _, s := range shifts {
		if s.from.Before(from) || !s.from.Before(to) {
			continue
		}
		got["shifts"]++
		at := s.from
		for ; at.Before(s.to); at = at.Add(time.Minute) {
			if _, on := cover([]span{{at, at.Add(time.Minute)}}, online, at, at.Add(time.Minute)); on > 0 {
				break
			}
		}
		switch {
		case !at.Before(s.to):
			got["missed_shifts"]++
		case at.Sub(s.from) > grace:
			got["late_starts"]++
		}
	}
	if scheduled >= 3600 {
		got["adherence"], got["conformance"] = kept/scheduled, present/scheduled
	}
	return got
}

// Adherence of random plans and presences agrees with what is counted anew, minute by
// minute; an agent sees his own, a planner all, and what is not recorded is not told.
func TestAdherence(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	exec(t, owner, "UPDATE romashka.kpi_state SET presence_since = now() - interval '90 days'")
	r := rand.New(rand.NewPCG(7, 1))
	day := time.Now().UTC().Truncate(24 * time.Hour)
	from, to := day.AddDate(0, 0, -6).Add(90*time.Minute), day.AddDate(0, 0, -1).Add(11*time.Hour)
	shifts, online := map[string][]span{}, map[string][]span{}
	for _, agent := range []string{alice, bob} {
		for d := range 8 {
			begin := day.AddDate(0, 0, -d-1).Add(time.Duration(6+r.IntN(4)) * time.Hour)
			for range 1 + r.IntN(2) { // some overlap
				s := span{begin, begin.Add(time.Duration(60+r.IntN(300)) * time.Minute)}
				shifts[agent] = append(shifts[agent], s)
				exec(t, owner, "INSERT INTO public.agent_shifts (agent_id, starts_at, minutes) VALUES ($1, $2, $3)", agent, s.from, int(s.to.Sub(s.from).Minutes()))
				begin = begin.Add(time.Duration(100+r.IntN(200)) * time.Minute)
			}
			if d == 2 {
				continue // nobody came
			}
			at := day.AddDate(0, 0, -d-1).Add(time.Duration(350+r.IntN(250)) * time.Minute)
			for range 3 {
				o := span{at, at.Add(time.Duration(20+r.IntN(150)) * time.Minute)}
				online[agent] = append(online[agent], o)
				exec(t, owner, "INSERT INTO romashka.presence (agent_id, since, until) VALUES ($1, $2, $3)", agent, o.from, o.to)
				at = o.to.Add(time.Duration(1+r.IntN(40)) * time.Minute)
			}
		}
	}
	exec(t, owner, "INSERT INTO public.agent_availability (agent_id, is_online) VALUES ($1, false), ($2, false)", alice, bob)
	type row struct {
		Agent, Name string
		Value       *float64
		Reason      *string
	}
	ask := func(who string, from, to time.Time) (list []row) {
		as(t, url, who, func(conn query) {
			list = collect[row](t, conn, "SELECT agent_id, figure, value::float8, reason FROM public.get_adherence($1, $2)", from, to)
		})
		return list
	}
	want := map[string]map[string]float64{"all": {}}
	for _, agent := range []string{alice, bob} {
		want[agent] = adherenceOf(shifts[agent], online[agent], from, to)
		for name, v := range want[agent] {
			want["all"][name] += v
		}
	}
	all := want["all"]
	all["adherence"], all["conformance"] = all["adherent_time"]/all["scheduled_time"], (all["adherent_time"]+all["unscheduled_time"])/all["scheduled_time"]
	rows := ask(anna, from, to)
	if len(rows) != 3*8 {
		t.Errorf("%d rows, want those of two agents and of all", len(rows))
	}
	for _, r := range rows {
		if v := want[r.Agent][r.Name]; !same(r.Value, &v, 1e-5) {
			t.Errorf("%s of %s = %s, want %g", r.Name, r.Agent, show(r.Value), v)
		}
	}
	if all["missed_shifts"] == 0 || all["late_starts"] == 0 || all["unscheduled_time"] == 0 {
		t.Errorf("the plan tries too little: %v", all)
	}
	for _, r := range ask(alice, from, to) {
		if r.Agent == bob {
			t.Errorf("an agent sees %s of another", r.Name)
		}
	}
	if rows := ask(anna, day.AddDate(0, 0, -60), day.AddDate(0, 0, -50)); len(rows) != 0 {
		t.Errorf("without shifts: %d rows", len(rows))
	}
	exec(t, owner, "UPDATE romashka.kpi_state SET presence_since = $1", from.Add(time.Hour))
	for _, r := range ask(anna, from, to) {
		if planned := r.Name == "shifts" || r.Name == "scheduled_time"; planned != (r.Value != nil) || planned != (r.Reason == nil) {
			t.Errorf("before presence was recorded: %s = %s", r.Name, show(r.Value))
		}
	}
}
