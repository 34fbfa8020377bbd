package monitor

import (
	"testing"

	"github.com/romashka/sidecar/internal/security/event"
)

func TestCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		statuses      string
		count, status int
	}{
		{`{"400": 40, "200": 2}`, 40, 400},
		{`{"429": 9, "400": 4}`, 13, 429},
		{`{"200": 7}`, 7, 200},
		{`{"x": 7, "200": -1}`, 0, 200},
		{`[1]`, 0, 200},
	} {
		e := event.Event{Status: 200}
		counted(&e, tt.statuses)
		if e.Count != tt.count || e.Status != tt.status {
			t.Errorf("%s: count %d, status %d, want %d, %d", tt.statuses, e.Count, e.Status, tt.count, tt.status)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		country, latitude, longitude string
		want                         event.Place
	}{
		{"de", "52.5", "13.4", event.Place{Country: "DE", Latitude: 52.5, Longitude: 13.4, Positioned: true}},
		{"Germany", "", "", event.Place{}},
		{"XX", "0", "0", event.Place{}},
		{"T1", "x", "13", event.Place{}},
		{"US", "91", "13", event.Place{Country: "US"}},
		{"", "NaN", "13", event.Place{}},
	} {
		if got := placeOf(tt.country, tt.latitude, tt.longitude); got != tt.want {
			t.Errorf("%v: %+v", tt, got)
		}
	}
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	mapped, bad := "::ffff:203.0.113.9", "unknown"
	if got := addressOf(&mapped).String(); got != "203.0.113.9" {
		t.Error(got)
	}
	if addressOf(&bad).IsValid() || addressOf(nil).IsValid() {
		t.Error("an address of nothing")
	}
}
