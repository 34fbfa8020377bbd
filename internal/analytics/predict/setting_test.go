package predict

import (
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// TestSettingsThatStandFromBefore: what the trigger refuses today may stand there from
// before. Nothing of it is used, which is said, and no plan fails of it.
func TestSettingsThatStandFromBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ key, text, want string }{
		{"staffing", `{"shrinkage": -0.5}`, "shrinkage -0.5"},
		{"staffing", `{"shrinkage": 1}`, "shrinkage 1"},
		{"staffing", `{"max_occupancy": 5, "shrinkage": 0.2}`, "max_occupancy 5"},
		{"staffing", `{"service_level": "80 %"}`, "service_level"},
		{"staffing", `{"service_level": "0.8/-20s"}`, "service_level"},
		{"staffing", `{"service_level": "NaN/20s"}`, "service_level"},
		{"staffing", `{"answer_seconds": -1}`, "answer_seconds -1"},
		{"staffing", `{"ai_share": 1.5}`, "ai_share 1.5"},
		{"staffing", `{"aht_seconds": -300}`, "aht_seconds -300"},
		{"staffing", `{"aht_seconds": 1e300}`, "aht_seconds 1e+300"},
		{"staffing", `{"aht_seconds": 1e400}`, "1e400"},
		{"staffing", `{"shrinkage": 0.2, "wage": "ten"}`, "wage"},
		{"staffing", `{"level": "p99"}`, "p99"},
		{"staffing", `{"concurrency": 9}`, "concurrency 9"},
		{"staffing", `{"channels": {"email": {"aht_seconds": -1}}}`, "channels: email: aht_seconds"},
		{"staffing", `{"channels": [1, 2]}`, "channels"},
		{"staffing", `["shrinkage", 0.2]`, "array"},
		{"staffing", `"0.2"`, "string"},
		{"holidays", `{"country": "CZ", "dates": [{"date": "2026-12-24", "share": -2}]}`, "share -2"},
		{"holidays", `["2026-12-24", "tomorrow"]`, "tomorrow"},
		{"holidays", `["2026-12-24", 7]`, "number"},
		{"holidays", `12`, "number"},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-11-27", "to": "2026-11-26"}]}`, "from 1 to 366 days"},
		{"holidays", `{"campaigns": [{"name": "sale", "from": "2026-11-27", "to": "2026-11-30", "factor": 0}]}`, "factor 0"},
		{"holidays", `{"campaigns": [{"from": "2026-11-27", "to": "2026-11-30"}]}`, "want a name"},
		{"business_hours", `{}`, "no day"},
		{"business_hours", `{"mon": {"start": "09:00", "end": "17:00"}}`, "no day"},
		{"business_hours", `{"monday": {"start": "09:00", "end": "09:00"}}`, "no time"},
		{"business_hours", `{"monday": {"start": "9 am", "end": "17:00"}}`, "9 am"},
		{"business_hours", `{"monday": [{"start": "09:00"}, null]}`, "parsing time"},
		{"time_zone", `"Mars/Olympus"`, "Mars/Olympus"},
		{"time_zone", `7`, "number"},
	} {
		got := tenant{zone: time.UTC, shares: map[series.Step]float64{}}
		with := map[string]func([]byte) error{"staffing": got.readStaffing, "holidays": got.readHolidays, "business_hours": got.readHours, "time_zone": got.readZone}[tt.key]
		got.read(tt.key, []byte(tt.text), with)
		if len(got.faults) != 1 || !strings.Contains(got.faults[0], tt.want) || !strings.Contains(got.faults[0], "is not used") {
			t.Errorf("%s %s: faults %q, want %q", tt.key, tt.text, got.faults, tt.want)
		}
		targets, source := got.targets(Assumption{})
		if targets.Shrinkage != 0.3 || source["shrinkage"] != "usual" || got.hours != nil || got.country != "" || len(got.shares) > 0 || got.zone != time.UTC || got.staffing.Channels != nil {
			t.Errorf("%s %s: a part of it is used", tt.key, tt.text)
		}
	}
}

// TestNightShift: hours that end before they begin go on into the next day.
func TestNightShift(t *testing.T) {
	t.Parallel()
	var got tenant
	got.read("business_hours", []byte(`{"saturday": {"start": "22:00", "end": "06:30"}, "monday": [{"start": "08:00", "end": "12:00"}, {"start": "10:00", "end": "24:00"}], "sunday": null}`), got.readHours)
	if got.hours == nil {
		t.Fatal(got.faults)
	}
	week := got.hours
	if week[time.Saturday][21] != 0 || week[time.Saturday][23] != 1 || week[time.Sunday][5] != 1 || week[time.Sunday][6] != 0.5 || week[time.Sunday][7] != 0 {
		t.Errorf("the night: %v %v", week[time.Saturday], week[time.Sunday])
	}
	if week[time.Monday][7] != 0 || week[time.Monday][11] != 1 || week[time.Monday][23] != 1 {
		t.Errorf("two spans: %v", week[time.Monday])
	}
}

// TestServiceLevel in the forms that the setting takes.
func TestServiceLevel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{`0.9`: 20 * time.Second, `"0.9"`: 20 * time.Second, `".9/30s"`: 30 * time.Second, `"0.9/0s"`: 0} {
		var got tenant
		got.read("staffing", []byte(`{"service_level": `+text+`}`), got.readStaffing)
		if targets, source := got.targets(Assumption{}); targets.ServiceLevel != 0.9 || targets.Within != want || source["service_level"] != "setting" {
			t.Errorf("%s: %+v, %v", text, targets, got.faults)
		}
	}
}
