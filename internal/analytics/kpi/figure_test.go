package kpi_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// figure is a row that a function of the API gives, and one that is recomputed.
type figure struct {
	Name                   string
	Value                  *float64
	Numerator, Denominator *float64
	Low, High              *float64
	Reason                 *string
}

// ratio is a share or a mean by the names of facts.n.
type ratio struct {
	of, by string
	scale  float64 // of the numerator
	fewest float64
}

// counts, ratios and waits are the list of definitions.md. Read-only.
var (
	counts = map[string]string{
		"conversations": "conversations", "open": "open", "resolved": "resolved", "resolution_events": "resolution_events", "ai_resolved": "ai_resolved",
		"human_resolved": "human_resolved", "unanswered_resolved": "unanswered_resolved", "abandoned": "abandoned", "reopened": "reopened",
		"missed": "missed", "ai_involved": "ai_involved", "human_involved": "human_involved", "handoffs": "handoffs",
		"customer_messages": "customer_messages", "ai_answers": "ai_answers", "agent_messages": "agent_messages", "ai_unsure_answers": "ai_unsure",
		"leads": "leads", "conversions": "conversions", "revenue": "revenue",
	}
	ratios = map[string]ratio{
		"resolution_rate": {of: "resolved", by: "conversations"}, "abandonment_rate": {of: "abandoned", by: "conversations"},
		"reopen_rate": {of: "reopened", by: "ever_resolved"}, "missed_rate": {of: "missed", by: "asked"},
		"ai_involvement_rate": {of: "ai_involved", by: "conversations"}, "ai_resolution_rate": {of: "ai_resolved", by: "ai_involved"},
		"ai_held_resolution_rate": {of: "ai_held", by: "ai_involved"}, "automation_rate": {of: "ai_resolved", by: "conversations"},
		"containment_rate": {of: "ai_contained", by: "ai_ended"}, "handoff_rate": {of: "handoffs", by: "ai_involved"},
		"first_contact_resolution_rate": {of: "first_contact", by: "resolved"},
		"first_response_mean":           {of: "response_ms", by: "answered", scale: 1000}, "next_response_mean": {of: "next_response_ms", by: "next_responses", scale: 1000},
		"resolution_time_mean": {of: "resolution_ms", by: "resolutions_timed", scale: 1000}, "handling_time_mean": {of: "handling", by: "human_involved", scale: 1000},
		"sla_first_response_rate": {of: "response_met", by: "response_due"}, "sla_resolution_rate": {of: "resolution_met", by: "resolution_due"},
		"csat": {of: "ratings_good", by: "ratings"}, "csat_mean": {of: "rating_sum", by: "ratings"},
		"ai_csat": {of: "ai_ratings_good", by: "ai_ratings"}, "human_csat": {of: "human_ratings_good", by: "human_ratings"},
		"ai_accuracy": {of: "ai_confirmed", by: "ai_judged"}, "ai_confidence_mean": {of: "ai_score_sum", by: "ai_scored"},
		"ai_brier_score": {of: "ai_brier_sum", by: "ai_scored", fewest: 30}, "ai_unsure_rate": {of: "ai_unsure", by: "ai_answers"},
		"conversion_rate": {of: "conversions", by: "conversations"},
	}
	waits = map[string]string{"first_response": "response", "ai_first_response": "ai", "human_first_response": "human", "resolution_time": "resolution"}
)

// computed are the figures of some conversations.
func computed(list []*facts) map[string]figure {
	sum := map[string]float64{}
	customers := map[string]bool{}
	waited := map[string][]float64{}
	for _, f := range list {
		for name, n := range f.n {
			sum[name] += n
		}
		for name, wait := range f.waits {
			waited[name] = append(waited[name], wait)
		}
		customers[f.customer] = true
	}
	for _, wait := range waited["response"] {
		sum["response_ms"] += wait
	}
	for _, wait := range waited["resolution"] {
		sum["resolution_ms"] += wait
	}
	sum["resolutions_timed"] = float64(len(waited["resolution"]))
	figures := map[string]figure{"contacts": counted(float64(len(customers)))}
	for name, of := range counts {
		figures[name] = counted(sum[of])
	}
	for name, r := range ratios {
		figures[name] = r.figure(sum)
	}
	for name, of := range waits {
		figures[name+"_median"] = percentile(waited[of], 0.5, 5)
		figures[name+"_p90"] = percentile(waited[of], 0.9, 20)
	}
	return figures
}

func counted(n float64) figure { return figure{Value: &n, Numerator: &n} }

func (r ratio) figure(sum map[string]float64) figure {
	num, den := sum[r.of]/max(r.scale, 1), sum[r.by]
	f := figure{Numerator: &num, Denominator: &den}
	if f.Reason = tooFew(den, max(r.fewest, 5)); f.Reason == nil {
		v := num / den
		f.Value = &v
	}
	return f
}

func tooFew(n, fewest float64) *string {
	reason := fmt.Sprintf("fewer than %v rows", fewest)
	switch {
	case n == 0:
		reason = "no rows"
	case n >= fewest:
		return nil
	}
	return &reason
}

// percentile is the wait that a share q had at most: one of them, not between two.
func percentile(waits []float64, q, fewest float64) figure {
	n := float64(len(waits))
	f := figure{Denominator: &n, Reason: tooFew(n, fewest)}
	if f.Reason == nil {
		slices.Sort(waits)
		v := waits[int(math.Ceil(q*n))-1] / 1000
		f.Value = &v
	}
	return f
}

// wilson is the 95 % interval of a share.
func wilson(hits, n float64) (low, high float64) {
	const z = 1.96
	p := hits / n
	middle, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (middle - half) / (1 + z*z/n), (middle + half) / (1 + z*z/n)
}

// compare reports every figure that differs; off is the relative error that
// percentiles may have.
func compare(t *testing.T, what string, got []figure, list []*facts, off float64) {
	t.Helper()
	want := computed(list)
	for _, g := range got {
		w, ok := want[g.Name]
		if !ok {
			continue // needs a setting; tested by itself
		}
		tolerance := 2e-6
		if w.Numerator == nil {
			tolerance = max(tolerance, off)
		}
		if !same(g.Value, w.Value, tolerance) || !same(g.Numerator, w.Numerator, 1e-9) || !same(g.Denominator, w.Denominator, 1e-9) {
			t.Errorf("%s: %s = %s of %s/%s, want %s of %s/%s", what, g.Name, show(g.Value), show(g.Numerator), show(g.Denominator), show(w.Value), show(w.Numerator), show(w.Denominator))
		}
		if g.Reason != nil && strings.HasPrefix(*g.Reason, "setting ") && w.Value == nil {
			continue
		}
		if g.Value == nil && (g.Reason == nil || w.Reason != nil && *g.Reason != *w.Reason && off == 0) {
			t.Errorf("%s: %s is NULL because of %v, want %v", what, g.Name, or(g.Reason, "nothing"), or(w.Reason, "a reason"))
		}
		if _, share := ratios[g.Name]; share && g.Low != nil {
			low, high := wilson(*g.Numerator, *g.Denominator)
			if math.Abs(low-*g.Low) > 1e-5 || math.Abs(high-*g.High) > 1e-5 {
				t.Errorf("%s: %s in %v..%v, want %v..%v", what, g.Name, *g.Low, *g.High, low, high)
			}
		}
	}
}

func same(a, b *float64, tolerance float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= tolerance*max(1, math.Abs(*b))
}

func show(v *float64) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(*v)
}

// within are the conversations of a half-open range.
func within(list []*facts, from, to time.Time) []*facts {
	return keep(list, func(f *facts) bool { return f.Started != nil && !f.start.Before(from) && f.start.Before(to) })
}

func keep(list []*facts, yes func(*facts) bool) (kept []*facts) {
	for _, f := range list {
		if yes(f) {
			kept = append(kept, f)
		}
	}
	return kept
}
