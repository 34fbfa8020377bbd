package series_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/romashka/sidecar/internal/analytics/series"
)

func day(t *testing.T, text string) series.Step {
	t.Helper()
	s, err := series.Daily.ParseLabel(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hour(t *testing.T, text string) series.Step {
	t.Helper()
	s, err := series.Hourly.ParseLabel(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1970-01-01", "1969-12-31", "2024-02-29", "2026-11-29"} {
		if got := series.Daily.Label(day(t, text)); got != text {
			t.Errorf("%s comes back as %s", text, got)
		}
	}
	for _, text := range []string{"1970-01-01T00:00", "1969-12-31T23:00", "2024-03-31T02:00"} {
		if got := series.Hourly.Label(hour(t, text)); got != text {
			t.Errorf("%s comes back as %s", text, got)
		}
	}
	for _, text := range []string{"2023-02-29", "2024-2-9", "20/01/2024", "2024-01-01T05:00", "", "2024-01-01Z", "9999-01-01"} {
		if _, err := series.Daily.ParseLabel(text); err == nil {
			t.Errorf("%q was taken for a date", text)
		}
	}
	for _, text := range []string{"2024-01-01", "2024-01-01T5:00", "2024-01-01T05:30", "2024-01-01T24:00"} {
		if _, err := series.Hourly.ParseLabel(text); err == nil {
			t.Errorf("%q was taken for an hour", text)
		}
	}
	if got := series.Hourly.Hour(hour(t, "1969-12-31T23:00")); got != 23 {
		t.Errorf("hour %d", got)
	}
	if place, length := series.DayOfMonth(day(t, "2024-02-29")); place != 29 || length != 29 {
		t.Errorf("29 February: %d of %d", place, length)
	}
}

func TestParseCSV(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, tt := range []struct {
		name, text string
		grain      series.Grain
		want       []float64
	}{
		{name: "days", text: "ds,y\n2024-01-01,1\n2024-01-02,NA\n2024-01-03,2.5\n", want: []float64{1, nan, 2.5}},
		{name: "a missing row is unknown", text: "ds,y\n2024-01-01,1\n2024-01-03,2\n", want: []float64{1, nan, 2}},
		{name: "any order, CRLF, mark, quotes, empty lines", text: "\ufeff\"ds\",\"y\"\r\n\"2024-01-02\",\"4\"\r\n2024-01-01,3\r\n\r\n", want: []float64{3, 4}},
		{
			name: "an hour twice", text: "ds,y\n2024-10-27T02:00,3\n2024-10-27T02:00,4\n2024-10-27T03:00,NA\n2024-10-27T03:00,5",
			grain: series.Hourly, want: []float64{7, 5},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := series.ParseCSV([]byte(tt.text), tt.grain)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Values, cmpopts.EquateNaNs()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseCSVRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", " \n", "empty"},
		{"no rows", "ds,y\n", "no rows"},
		{"another header", "date,count\n2024-01-01,1\n", "header ds,y"},
		{"a third field", "ds,y\n2024-01-01,1,2\n", "line 2: want two fields"},
		{"no number", "ds,y\n2024-01-01,many\n", `line 2: y "many"`},
		{"an empty value", "ds,y\n2024-01-01,\n", "line 2: y is empty"},
		{"negative", "ds,y\n2024-01-01,-3\n", `"-3"`},
		{"NaN", "ds,y\n2024-01-01,NaN\n", `"NaN"`},
		{"too large", "ds,y\n2024-01-01,1e300\n", "above 1e+12"},
		{"twice", "ds,y\n2024-01-01,1\n2024-01-01,1\n", "line 3: 2024-01-01 comes twice, first in line 2"},
		{"an hour", "ds,y\n2024-01-01T05:00,1\n", "2024-01-01T05:00"},
		{"an open quote", "ds,y\n\"2024-01-01,1\n", "line"},
		{"not text", "ds,y\n\xff\xfe,1\n", "not UTF-8"},
		{"a span without end", "ds,y\n1900-01-01,1\n2199-01-01,1\n", "more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := series.ParseCSV([]byte(tt.text), series.Daily)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.want)
			}
		})
	}
}

func FuzzParseCSV(f *testing.F) {
	f.Add([]byte("ds,y\n2024-01-01,1\n2024-01-02,NA\n"), true)
	f.Add([]byte("\ufeffds,y\r\n2024-01-01T05:00,1\r\n"), false)
	f.Fuzz(func(t *testing.T, text []byte, daily bool) {
		g := series.Hourly
		if daily {
			g = series.Daily
		}
		s, err := series.ParseCSV(text, g)
		if err != nil {
			return
		}
		if len(s.Values) == 0 || g.Label(s.First) > g.Label(s.Last()) {
			t.Errorf("%d values from %s to %s", len(s.Values), g.Label(s.First), g.Label(s.Last()))
		}
	})
}

func TestParseClosed(t *testing.T) {
	t.Parallel()
	got, err := series.ParseClosed([]byte("\ufeff2024-12-25\r\n\r\n2024-12-24,0.5\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[series.Step]float64{day(t, "2024-12-25"): 0, day(t, "2024-12-24"): 0.5}, got); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"sometimes": "sometimes", "2024-12-24,2": "share", "2024-12-24,-1": "-1", "2024-12-24,half": "half", "2024-12-24,NaN": "NaN",
	} {
		if _, err := series.ParseClosed([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFromCounts(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	from := hour(t, "2024-03-31T00:00")
	got, err := series.FromCounts(series.Hourly, berlin, series.Span{From: from, To: from + 5},
		[]series.Count{{Step: from + 1, N: 2}, {Step: from + 3, N: 1}, {Step: from + 3, N: 4}}, series.Span{From: from + 5, To: from + 9})
	if err != nil {
		t.Fatal(err)
	}
	// The hour from 2 does not exist that day, that from 5 was not recorded.
	if diff := cmp.Diff([]float64{0, 2, nan, 5, 0, nan}, got.Values, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	if _, err := series.FromCounts(series.Hourly, berlin, series.Span{From: from, To: from}, []series.Count{{Step: from + 1}}); err == nil {
		t.Error("a count outside of the span was dropped in silence")
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	s := series.Series{First: 10, Values: []float64{0, math.NaN(), 0, 3, 0}}
	if got := s.Trim(); got.First != 13 || len(got.Values) != 2 {
		t.Errorf("%+v", got)
	}
	hours := series.Series{Grain: series.Hourly, First: 0, Values: make([]float64, 60)}
	hours.Values[30] = 1
	if got := hours.Trim(); got.First != 24 || len(got.Values) != 36 {
		t.Errorf("hours begin at %d, want the day's start 24", got.First)
	}
	if got := (series.Series{Values: []float64{0, 0}}).Trim(); len(got.Values) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	span := series.Span{From: day(t, "2024-01-01"), To: day(t, "2024-12-31")}
	for _, tt := range []struct {
		country, date string
		holiday       bool
	}{
		{"US", "2024-07-04", true}, {"us", "2024-11-28", true}, {"US", "2024-07-05", false},
		{"DE", "2024-10-03", true}, {"DE", "2024-03-29", true}, {"AU", "2024-01-26", true},
		{"GB", "2024-12-26", true}, {"JP", "2024-01-01", true},
	} {
		days, err := series.Holidays(tt.country, span)
		if err != nil {
			t.Fatal(err)
		}
		if got := days[day(t, tt.date)] != ""; got != tt.holiday {
			t.Errorf("%s %s: %v", tt.country, tt.date, days[day(t, tt.date)])
		}
	}
	if _, err := series.Holidays("XX", span); err == nil || !strings.Contains(err.Error(), "XX") {
		t.Errorf("XX: %v", err)
	}
}
