package staffing_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

var usual = staffing.Targets{ServiceLevel: 0.8, Within: 20 * time.Second, MaxOccupancy: 0.85, Shrinkage: 0.3}

func TestSmallest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		work             staffing.Work
		targets          staffing.Targets
		agents, rostered int
	}{
		{"published", staffing.Work{Volume: 100, Interval: 30 * time.Minute, AHT: 3 * time.Minute}, usual, 14, 20},
		{"nothing", staffing.Work{Interval: time.Hour, AHT: time.Minute}, usual, 0, 0},
		{"hardly anything", staffing.Work{Volume: 1e-9, Interval: time.Hour, AHT: time.Minute}, usual, 1, 2},
		{
			"the cap decides, and is met exactly", staffing.Work{Volume: 850, Interval: time.Hour, AHT: time.Hour},
			staffing.Targets{ServiceLevel: 0.5, Within: time.Hour, MaxOccupancy: 0.85, Shrinkage: 0.2}, 1000, 1250,
		},
		{
			"three chats at a time", staffing.Work{Volume: 120, Interval: time.Hour, AHT: 10 * time.Minute, Factor: staffing.ChatFactor(3)},
			staffing.Targets{ServiceLevel: 0.8, Within: 30 * time.Second, MaxOccupancy: 0.85, Shrinkage: 0.3}, 11, 16,
		},
		{"e-mail", staffing.Work{Volume: 51, Interval: time.Hour, AHT: 10 * time.Minute, Deferred: true}, usual, 10, 15},
		{
			"e-mail, up to all of their time", staffing.Work{Volume: 60, Interval: time.Hour, AHT: 10 * time.Minute, Deferred: true},
			staffing.Targets{ServiceLevel: 0.8, MaxOccupancy: 1}, 10, 10,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := staffing.Smallest(tt.work, tt.targets)
			if err != nil || got.Agents != tt.agents || got.Rostered != tt.rostered || !got.Stable {
				t.Errorf("%+v, %v; want %d agents, %d rostered", got, err, tt.agents, tt.rostered)
			}
		})
	}
}

// TestStates: a state is never shown as a number.
func TestStates(t *testing.T) {
	t.Parallel()
	zero, one, patience := 0.0, 1.0, 60.0
	hour := staffing.Work{Volume: 10, Interval: time.Hour, AHT: time.Hour}
	leaving, mail := hour, hour
	leaving.Patience, mail.Deferred = time.Minute, true
	none := hour
	none.Volume = 0
	for _, tt := range []struct {
		name   string
		work   staffing.Work
		agents int
		want   staffing.Figures
	}{
		{"as many as Erlangs", hour, 10, staffing.Figures{Model: staffing.ErlangCModel, OfferedLoad: 10, Agents: 10, Rostered: 15}},
		{"nobody", hour, 0, staffing.Figures{Model: staffing.ErlangCModel, OfferedLoad: 10}},
		{"nobody, nothing", none, 0, staffing.Figures{Model: staffing.ErlangCModel, Stable: true}},
		{"nothing to do", none, 2, staffing.Figures{
			Model: staffing.ErlangCModel, Agents: 2, Rostered: 3, Stable: true,
			ServiceLevel: &one, ASASeconds: &zero, Occupancy: &zero, PWait: &zero,
		}},
		{"nobody, and all leave", leaving, 0, staffing.Figures{
			Model: staffing.ErlangAModel, OfferedLoad: 10, Stable: true,
			ServiceLevel: &zero, ASASeconds: &patience, PWait: &one, PAbandon: &one,
		}},
		{"too few for e-mail", mail, 9, staffing.Figures{Model: staffing.Workload, OfferedLoad: 10, Agents: 9, Rostered: 13}},
		{"just enough for e-mail", mail, 10, staffing.Figures{Model: staffing.Workload, OfferedLoad: 10, Agents: 10, Rostered: 15, Occupancy: &one, Stable: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := staffing.ForAgents(tt.work, usual, tt.agents)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := staffing.Work{Volume: 10, Interval: time.Hour, AHT: time.Minute}
	for _, tt := range []struct {
		name   string
		change func(w *staffing.Work, t *staffing.Targets)
		want   error
	}{
		{"no handling time", func(w *staffing.Work, _ *staffing.Targets) { w.AHT = 0 }, staffing.ErrNoAHT},
		{"no handling time, nothing to do", func(w *staffing.Work, _ *staffing.Targets) { w.AHT, w.Volume = 0, 0 }, staffing.ErrNoAHT},
		{"negative handling time", func(w *staffing.Work, _ *staffing.Targets) { w.AHT = -1 }, staffing.ErrInvalid},
		{"negative volume", func(w *staffing.Work, _ *staffing.Targets) { w.Volume = -1 }, staffing.ErrInvalid},
		{"no volume", func(w *staffing.Work, _ *staffing.Targets) { w.Volume = math.NaN() }, staffing.ErrInvalid},
		{"endless volume", func(w *staffing.Work, _ *staffing.Targets) { w.Volume = math.Inf(1) }, staffing.ErrInvalid},
		{"no interval", func(w *staffing.Work, _ *staffing.Targets) { w.Interval = 0 }, staffing.ErrInvalid},
		{"factor below 1", func(w *staffing.Work, _ *staffing.Targets) { w.Factor = 0.5 }, staffing.ErrInvalid},
		{"endless factor", func(w *staffing.Work, _ *staffing.Targets) { w.Factor = math.Inf(1) }, staffing.ErrInvalid},
		{"certain service level", func(_ *staffing.Work, t *staffing.Targets) { t.ServiceLevel = 1 }, staffing.ErrInvalid},
		{"no service level", func(_ *staffing.Work, t *staffing.Targets) { t.ServiceLevel = math.NaN() }, staffing.ErrInvalid},
		{"no cap", func(_ *staffing.Work, t *staffing.Targets) { t.MaxOccupancy = 0 }, staffing.ErrInvalid},
		{"all away", func(_ *staffing.Work, t *staffing.Targets) { t.Shrinkage = 1 }, staffing.ErrInvalid},
		{"too many", func(w *staffing.Work, _ *staffing.Targets) { w.Volume = 1e12 }, staffing.ErrTooLarge},
		{"too many who leave", func(w *staffing.Work, _ *staffing.Targets) { w.Volume, w.Patience = 1e12, 1 }, staffing.ErrTooLarge},
		{"too many e-mails", func(w *staffing.Work, _ *staffing.Targets) { w.Volume, w.Deferred = 1e12, true }, staffing.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, targets := good, usual
			tt.change(&w, &targets)
			if got, err := staffing.Smallest(w, targets); !errors.Is(err, tt.want) {
				t.Errorf("%+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestRosteredIsExact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		agents    int
		shrinkage float64
		want      int
	}{
		{21, 0.3, 30}, {7, 0.3, 10}, {9, 0.1, 10}, {27, 0.1, 30}, {1, 0, 1}, {14, 0.3, 20}, {28, 0.3, 40},
		{11, 0.12, 13}, {22, 0.12, 25}, {0, 0.5, 0}, {333, 0.333, 500}, {667, 0.333, 1000},
	} {
		if got := staffing.Rostered(tt.agents, tt.shrinkage); got != tt.want {
			t.Errorf("%d at %v: %d, want %d", tt.agents, tt.shrinkage, got, tt.want)
		}
	}
}

// TestLoadIsExact: volumes, times and factors whose load is a whole number make
// as many agents unstable, whatever their binary fractions do.
func TestLoadIsExact(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 300; n++ {
		for _, minutes := range []int{7, 30, 60} {
			w := staffing.Work{
				Volume: float64(n) / 10, Interval: time.Duration(minutes) * time.Minute,
				AHT: time.Duration(17*minutes) * time.Minute, Factor: staffing.ChatFactor(2),
			}
			got, err := staffing.ForAgents(w, usual, n)
			if err != nil || got.Stable || got.OfferedLoad != float64(n) {
				t.Fatalf("%d x 17 / 10 / 1.7: %+v, %v", n, got, err)
			}
		}
	}
}

func TestChats(t *testing.T) {
	t.Parallel()
	for chats, want := range map[int]float64{0: 0, 1: 1, 2: 1.7, 3: 2.5, 4: 2.9, 5: 3.5, 6: 0, -1: 0} {
		if got := staffing.ChatFactor(chats); got != want {
			t.Errorf("%d chats: %v, want %v", chats, got, want)
		}
	}
}

func TestDemand(t *testing.T) {
	t.Parallel()
	busy := staffing.Hour{Mean: 100, High: 120}
	for _, tt := range []struct {
		name    string
		hour    staffing.Hour
		level   staffing.Level
		aiShare float64
		want    float64
	}{
		{"the mean", busy, staffing.P50, 0, 100},
		{"without the AI's share, exactly", busy, staffing.P50, 0.3, 70},
		{"the AI does all of it", busy, staffing.P80, 1, 0},
		{"four hours of five", busy, staffing.P80, 0, 100 + 20*0.8416212335729143/1.2815515655446004},
		{"closed", staffing.Hour{Mean: 100, High: 120, Closed: true}, staffing.P80, 0, 0},
		{"below nothing", staffing.Hour{Mean: -3, High: -1}, staffing.P50, 0, 0},
		{"bounds that are crossed", staffing.Hour{Mean: 3, High: 1}, staffing.P80, 0, 3},
	} {
		near(t, tt.name, tt.hour.Demand(tt.level, tt.aiShare), tt.want, 1e-12)
	}
}

// TestProperties holds the properties that are true for any work, over work of
// all sizes.
func TestProperties(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		load := math.Exp(rnd.Float64()*14 - 4)
		patience := 0.0
		if rnd.IntN(3) > 0 {
			patience = math.Exp(rnd.Float64()*16 - 4)
		}
		holds(t, load, math.Exp(rnd.Float64()*10), patience, rnd.Float64()*100)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add(10.0, 180.0, 0.0, 20.0)
	f.Add(48.0, 60.0, 120.0, 20.0)
	f.Add(0.0101, 3600.0, 1e-6, 0.0)
	f.Add(5000.0, 3600.0, 1e9, 3600.0)
	f.Fuzz(func(t *testing.T, load, handling, patience, within float64) {
		if !(load > 0 && load < 2e4 && handling > 1e-3 && handling < 1e6 && patience >= 0 && patience < 1e9 && within >= 0 && within < 1e6) {
			t.Skip()
		}
		holds(t, load, handling, patience, within)
	})
}

// holds checks the smallest number, that each agent more is better, and that
// contacts are conserved. Times are in seconds.
func holds(t *testing.T, load, handling, patience, within float64) {
	t.Helper()
	d := func(s float64) time.Duration { return time.Duration(s * 1e9) }
	w := staffing.Work{Volume: load, Interval: d(handling), AHT: d(handling), Patience: d(patience)}
	targets := staffing.Targets{ServiceLevel: 0.8, Within: d(within), MaxOccupancy: 0.9}
	best, err := staffing.Smallest(w, targets)
	if err != nil {
		t.Fatalf("%+v: %v", w, err)
	}
	at := func(n int) staffing.Figures {
		f, err := staffing.ForAgents(w, targets, n)
		if err != nil {
			t.Fatalf("%+v with %d: %v", w, n, err)
		}
		return f
	}
	meets := func(f staffing.Figures) bool {
		return f.Stable && *f.ServiceLevel >= 0.8 && f.Occupancy != nil && *f.Occupancy <= 0.9
	}
	if n := best.Agents; !meets(at(n)) || n > 0 && meets(at(n-1)) {
		t.Errorf("%+v: %d is not the smallest number", w, n)
	}
	const noise = 1e-9
	last := at(max(1, best.Agents-3))
	for n := last.Agents + 1; n < best.Agents+4; n++ {
		f := at(n)
		if f.Stable && last.Stable && (*f.ServiceLevel < *last.ServiceLevel-noise || *f.ASASeconds > *last.ASASeconds*(1+noise) ||
			*f.Occupancy > *last.Occupancy+noise || *f.PWait > *last.PWait+noise) {
			t.Errorf("%+v: %d agents do worse than %d", w, n, last.Agents)
		}
		conserved(t, w, f)
		last = f
	}
}

// conserved holds that each contact is served or leaves, that all shares are
// shares, and that patience times the rate of leaving is the mean wait.
func conserved(t *testing.T, w staffing.Work, f staffing.Figures) {
	t.Helper()
	if !f.Stable {
		return
	}
	left := 0.0
	if f.PAbandon != nil {
		left = *f.PAbandon
		near(t, "mean wait", *f.ASASeconds, left*w.Patience.Seconds(), 1e-9)
	}
	near(t, "served", *f.Occupancy*float64(f.Agents), f.OfferedLoad*(1-left), 1e-9)
	for _, share := range []float64{*f.ServiceLevel, *f.Occupancy, *f.PWait, left} {
		if !(share >= 0 && share <= 1+1e-12) {
			t.Errorf("%+v: %+v has a share of %v", w, f, share)
		}
	}
	if 1-*f.ServiceLevel > *f.PWait+1e-9 {
		t.Errorf("%+v: more are late than wait: %v, %v", w, 1-*f.ServiceLevel, *f.PWait)
	}
}

// TestErlangBInverts holds the recursion against itself, downward.
func TestErlangBInverts(t *testing.T) {
	t.Parallel()
	for _, load := range []float64{0.1, 1, 17.3, 250, 4000} {
		for _, n := range []int{1, 5, 40, 260, 4100} {
			b := staffing.ErlangB(load, n)
			if b < 1e-250 {
				continue
			}
			want := staffing.ErlangB(load, n-1)
			near(t, "B(n-1)", float64(n)*b/(load*(1-b)), want, 1e-9)
		}
	}
}

func BenchmarkSmallest(b *testing.B) {
	for _, bb := range []struct {
		name string
		work staffing.Work
	}{
		{"erlang-c/14", staffing.Work{Volume: 100, Interval: 30 * time.Minute, AHT: 3 * time.Minute}},
		{"erlang-c/5000", staffing.Work{Volume: 100_000, Interval: time.Hour, AHT: 3 * time.Minute}},
		{"erlang-a/14", staffing.Work{Volume: 100, Interval: 30 * time.Minute, AHT: 3 * time.Minute, Patience: time.Minute}},
		{"erlang-a/5000", staffing.Work{Volume: 100_000, Interval: time.Hour, AHT: 3 * time.Minute, Patience: time.Minute}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := staffing.Smallest(bb.work, usual); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
