package kpi_test

import (
	"testing"
	"time"
)

// Online time is what lies in the range of the times that an agent was online, and
// occupancy his handling time in it.
func TestPresence(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 51, 40, until, 2)
	refresh(t, owner, false)
	type shown struct {
		Agent, Name string
		Value       *float64
		Of, By      *float64
		Reason      *string
	}
	of := func(from, to time.Time, filter string) map[string]shown {
		got := map[string]shown{}
		as(t, url, alice, func(conn query) {
			for _, r := range collect[shown](t, conn, "SELECT agent_id, figure, value::float8, numerator::float8, denominator::float8, reason FROM public.get_agent_performance($1, $2"+filter+") WHERE figure IN ('online_time', 'occupancy')", from, to) {
				got[r.Agent+" "+r.Name] = r
			}
		})
		return got
	}
	if r := of(until.Add(-24*hour), until.Add(hour), "")[alice+" online_time"]; r.Value != nil || r.Reason == nil {
		t.Errorf("before it was recorded: %+v", r)
	}
	exec(t, owner, "UPDATE romashka.kpi_state SET presence_since = now() - interval '90 days'")
	exec(t, owner, "INSERT INTO public.agent_availability (agent_id, is_online) VALUES ($1, true), ($2, false)", alice, bob)
	exec(t, owner, "UPDATE public.agent_availability SET last_activity = now()")
	exec(t, owner, "UPDATE romashka.presence SET since = now() - interval '30 hours'")
	exec(t, owner, "UPDATE public.agent_availability SET is_online = NOT is_online")
	exec(t, owner, "UPDATE romashka.presence SET until = now() - interval '20 hours' WHERE agent_id = $1", alice)
	exec(t, owner, "UPDATE romashka.presence SET since = now() - interval '2 hours' WHERE agent_id = $1", bob)
	got := of(until.Add(-26*hour), until.Add(hour), "")
	if r := got[alice+" online_time"]; r.Value == nil || *r.Value < 6*3600-60 || *r.Value > 6*3600+60 {
		t.Errorf("alice: %s seconds, want 6 hours", show(r.Value))
	}
	if r := got[bob+" online_time"]; r.Value == nil || *r.Value < 2*3600-60 || *r.Value > 2*3600+60 {
		t.Errorf("bob: %s seconds, want 2 hours", show(r.Value))
	}
	if r := got[bob+" occupancy"]; r.Value == nil || r.Of == nil || !same(r.Value, ptr(*r.Of / *r.By), 1e-5) {
		t.Errorf("bob's occupancy: %s of %s/%s", show(r.Value), show(r.Of), show(r.By))
	}
	if r := of(until.Add(-26*hour), until.Add(hour), ", channel => 'email'")[bob+" occupancy"]; r.Value != nil {
		t.Errorf("of one channel: %s", show(r.Value))
	}
	if r := got["none occupancy"]; r.Value != nil {
		t.Errorf("of nobody: %s", show(r.Value))
	}
	exec(t, owner, "DELETE FROM public.agent_availability")
	if n := collect[struct{ N int }](t, owner, "SELECT count(*)::int FROM romashka.presence WHERE until IS NULL")[0].N; n != 0 {
		t.Errorf("%d are online who are not there", n)
	}
}

func ptr(v float64) *float64 { return &v }
