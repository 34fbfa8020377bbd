package predict

import (
	"math"
	"testing"
	"time"
)

// TestShrinkage: shrinkage is the part of two agents' working hours in which the
// others wrote and they did not.
func TestShrinkage(t *testing.T) {
	t.Parallel()
	var office weekHours
	for day := 1; day <= 5; day++ {
		for hour := 9; hour < 17; hour++ {
			office[day][hour] = 1
		}
	}
	monday := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	signs := func(messages int64) (list []sign) {
		for day := range 28 {
			for hour := 9; hour < 17; hour++ {
				at := monday.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
				list = append(list, sign{"a", at, messages})
				if hour != 12 && day%10 != 8 {
					list = append(list, sign{"b", at, messages})
				}
			}
		}
		return list
	}
	shifts := []shift{{Agent: "a", week: &office}, {Agent: "b", week: &office}, {Agent: "never seen", week: &office}}
	// b is away at noon of 18 days and on two whole ones: 34 of 320 hours.
	if got := shrinkage(shifts, signs(20)); got.Value == nil || math.Abs(*got.Value-34.0/320) > 1e-4 || got.Source != "measured" || got.Count != 320 {
		t.Errorf("%+v", got)
	}
	for name, got := range map[string]Assumption{
		"too little is written to tell": shrinkage(shifts, signs(3)),
		"nobody has working hours":      shrinkage(nil, signs(20)),
		"nobody wrote":                  shrinkage(shifts, nil),
	} {
		if got.Value != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestHandlingOfChannels: each channel has its own figures where it has enough of
// them, and the queue has their mean.
func TestHandlingOfChannels(t *testing.T) {
	t.Parallel()
	wait, far := 40.0, 100.0
	m := measures{channels: map[string]handlingRow{
		"website": {"website", 1000, 500, 400, 400 * 300, 0, 0},
		"phone":   {"phone", 200, 200, 190, 190 * 600, 60 * wait, 60},
		"email":   {"email", 100, 100, 5, 5 * 100, 0, 0},
	}}
	for _, r := range m.channels {
		m.sum.add(r)
	}
	m.together = concurrencyRow{400, 3000, 2000}
	tt := &tenant{staffing: staffingSettings{Channels: map[string]channelSettings{
		"email": {AHTSeconds: 900}, "phone": {Concurrency: 1}, "website": {PatienceSeconds: far},
	}}}
	h := m.handling(tt, map[string]float64{"website": 0.7, "phone": 0.2, "email": 0.1})
	near := func(name string, a Assumption, want float64, source string) {
		t.Helper()
		if a.Value == nil || math.Abs(*a.Value-want) > 1e-9*want || a.Source != source {
			t.Errorf("%s: %v from %q, want %v from %q", name, deref(a.Value), a.Source, want, source)
		}
	}
	near("AI share", h.AIShare, 0.35, "measured")
	near("AHT", h.AHT, (0.35*300+0.2*600)/0.55, "measured")
	near("of e-mail", h.DeferredAHT, 900, "setting")
	near("factor", h.Factor, (0.35*300+0.2*600)/(0.35*300/1.5+0.2*600), "measured, setting")
	near("patience", h.Patience, 0.55/(0.35/far+0.2/wait), "setting, measured")
	if got := h.deferredShare(); math.Abs(got-0.1/0.65) > 1e-9 {
		t.Errorf("deferred share %v", got)
	}
	none := measures{}.handling(tt, map[string]float64{"chat": 1})
	if none.AHT.Value != nil || none.Patience.Value != nil || *none.Factor.Value != 1 || none.Factor.Source != "usual" {
		t.Errorf("nothing measured: %+v", none)
	}
}
