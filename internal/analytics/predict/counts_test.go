package predict

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// daysOf is a series of days: "20x30 0x5" is 30 for 20 days, then 0 for 5.
func daysOf(t *testing.T, text string) series.Series {
	t.Helper()
	s := series.Series{First: 20000} // a Wednesday
	for part := range strings.FieldsSeq(text) {
		var n int
		var v float64
		if _, err := fmt.Sscanf(part, "%dx%g", &n, &v); err != nil {
			t.Fatal(err)
		}
		for range n {
			s.Values = append(s.Values, v)
		}
	}
	return s
}

// TestGaps: rows are missing where too many would have come, not where few or none
// usually come.
func TestGaps(t *testing.T) {
	t.Parallel()
	week := strings.Repeat("5x30 2x0 ", 12) // closed on two days
	for _, tt := range []struct {
		name, days string
		want       string // places, from and to
	}{
		{"one busy day", "60x30 1x0 60x30", "60-60"},
		{"one quiet day", "60x5 1x0 60x5", ""},
		{"a quiet week", "60x5 7x0 60x5", "60-66"},
		{"six weeks", "100x30 42x0 60x30", "100-141"},
		{"six weeks at the end", "100x30 42x0", "100-141"},
		{"ten weeks at the end", "100x30 70x0", "100-169"},
		{"closed weekdays", week, ""},
		{"a week with closed weekdays", week + "7x0 " + week, "84-88"},
		{"the last days before closed ones", week + "5x0 2x0", "84-90"},
		{"every second week", strings.Repeat("7x30 7x0 ", 12), ""},
		{"two weeks of history", "14x30 6x0", "14-19"},
		{"one in a month", strings.Repeat("1x1 30x0 ", 12), ""},
		{"nothing", "100x0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := daysOf(t, tt.days)
			var got []string
			for _, u := range gaps(s, series.Calendar{}) {
				got = append(got, fmt.Sprintf("%d-%d", u.From-s.First, u.To-s.First))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
		})
	}
	s := daysOf(t, "60x30 3x0 60x30")
	closed := series.Calendar{Shares: map[series.Step]float64{s.First + 60: 0}, Holidays: map[series.Step]string{s.First + 61: "one", s.First + 62: "two"}}
	if got := gaps(s, closed); got != nil {
		t.Errorf("what the calendar closes: %v", got)
	}
}

// TestFromStart: trials before months of silence are no history, a pause is.
func TestFromStart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, days string
		start      int
	}{
		{"no silence", "200x30", 0},
		{"one row, then half a year", "1x1 180x0 40x30", 181},
		{"trials twice", "2x3 40x0 3x2 60x0 40x30", 105},
		{"a pause", "100x30 60x0 40x30", 0},
		{"four weeks less a day", "1x1 27x0 40x30", 0},
		{"one a month", strings.Repeat("1x1 30x0 ", 6), 0},
		{"it began yesterday", "1x1 60x0 1x30", 61},
		{"nothing", "40x0", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := daysOf(t, tt.days)
			got := fromStart(s)
			if int(got.First-s.First) != tt.start || len(got.Values) != len(s.Values)-tt.start {
				t.Errorf("from place %d, want %d", got.First-s.First, tt.start)
			}
		})
	}
}
