package staffing_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// precision of the slow computations, in bits.
const precision = 400

func big64(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func mul(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Mul(a, b) }
func add(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Add(a, b) }
func quo(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Quo(a, b) }

// chain is the stationary distribution of a birth-death chain of contacts in
// the system, summed term by term from the definition.
type chain struct {
	busy, wait, queue *big.Float // weights: below n, from n on, mean queue
	states            []*big.Float
}

// newChain sums load^j / j! up to n, and from there on divides by the rate n +
// k leaving, where leaving is handling time over patience. It stops where a
// term no longer counts.
func newChain(load float64, n int, leaving float64, blocked bool) chain {
	c := chain{busy: big64(0), wait: big64(0), queue: big64(0)}
	p := big64(1)
	for j := range n {
		c.busy = add(c.busy, p)
		p = quo(mul(p, big64(load)), big64(float64(j+1)))
	}
	if blocked {
		c.wait = p
		return c
	}
	small := new(big.Float).SetMantExp(big64(1), -200)
	for k := range 1_000_000 {
		c.states = append(c.states, p)
		c.wait = add(c.wait, p)
		c.queue = add(c.queue, mul(p, big64(float64(k))))
		rate := float64(n) + float64(k+1)*leaving
		if rate > load && p.Cmp(mul(small, c.wait)) < 0 {
			return c
		}
		p = quo(mul(p, big64(load)), add(big64(float64(n)), mul(big64(float64(k+1)), big64(leaving))))
	}
	panic("the chain does not end")
}

func (c chain) share(x *big.Float) float64 {
	f, _ := quo(x, add(c.busy, c.wait)).Float64()
	return f
}

func TestErlangBIsExact(t *testing.T) {
	t.Parallel()
	for _, load := range []float64{1e-6, 0.3, 1, 4.461, 37.901, 150, 900.5} {
		for _, n := range []int{0, 1, 2, 10, 50, 160, 1000} {
			c := newChain(load, n, 0, true)
			near(t, "B", staffing.ErlangB(load, n), c.share(c.wait), 1e-12)
		}
	}
}

func TestErlangCIsExact(t *testing.T) {
	t.Parallel()
	for _, load := range []float64{0.01, 0.5, 4, 10, 48, 300} {
		for _, more := range []float64{1.001, 1.05, 1.5, 3} {
			n := int(load*more) + 1
			// The tail is geometric, so that it can be summed in closed form.
			c := newChain(load, n, 0, true)
			tail := quo(c.wait, add(big64(1), big64(-load/float64(n))))
			want, _ := quo(tail, add(c.busy, tail)).Float64()
			near(t, "C", staffing.ErlangC(load, n), want, 1e-10)
		}
	}
}

// TestErlangAIsExact compares with the chain itself, and the share answered in
// time with the transient solution of the queue ahead of a contact.
func TestErlangAIsExact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		load              float64
		n                 int
		aht, patience, in time.Duration
	}{
		{"light", 0.2, 2, 3 * time.Minute, time.Minute, 20 * time.Second},
		{"published", 48, 50, time.Minute, 2 * time.Minute, 20 * time.Second},
		{"overload", 30, 12, 5 * time.Minute, 90 * time.Second, 30 * time.Second},
		{"heavy overload", 400, 20, time.Minute, time.Minute, time.Minute},
		{"impatient", 9, 10, 5 * time.Minute, time.Second, 20 * time.Second},
		{"very impatient, overload", 60, 1, time.Hour, time.Second, time.Second},
		{"patient", 19, 20, time.Minute, 3 * time.Hour, 20 * time.Second},
		{"patient, overload", 24, 20, time.Minute, 3 * time.Hour, 45 * time.Minute},
		{"one agent", 1, 1, time.Minute, time.Minute, 0},
		{"hundreds", 320, 300, 4 * time.Minute, 3 * time.Minute, 15 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := staffing.ForAgents(staffing.Work{Volume: tt.load, Interval: tt.aht, AHT: tt.aht, Patience: tt.patience},
				staffing.Targets{Within: tt.in}, tt.n)
			if err != nil {
				t.Fatal(err)
			}
			leaving := tt.aht.Seconds() / tt.patience.Seconds()
			c := newChain(tt.load, tt.n, leaving, false)
			abandon := c.share(c.queue) * leaving / tt.load
			near(t, "p_wait", *got.PWait, c.share(c.wait), 1e-10)
			near(t, "p_abandon", *got.PAbandon, abandon, 1e-10)
			near(t, "asa", *got.ASASeconds, abandon*tt.patience.Seconds(), 1e-10)
			near(t, "occupancy", *got.Occupancy, tt.load*(1-abandon)/float64(tt.n), 1e-10)
			near(t, "service level", *got.ServiceLevel, c.inTime(float64(tt.n), leaving, tt.in.Seconds()/tt.aht.Seconds()), 1e-8)
		})
	}
}

// inTime returns the share of contacts that are answered within time handling
// times. A contact that finds k waiting moves up at the rates n + k leaving,
// ..., n, and leaves at the rate leaving; jumps of a Poisson process of the
// largest of them are counted (uniformization).
func (c chain) inTime(n, leaving, time float64) float64 {
	ahead := make([]float64, len(c.states))
	for k, p := range c.states {
		ahead[k] = c.share(p)
	}
	fastest := n + float64(len(ahead))*leaving
	term := math.Exp(-fastest * time) // of the Poisson process
	logTerm := -fastest * time
	answered, sum := 0.0, 0.0
	for jump := 1; jump < 2_000_000; jump++ {
		sum += term * answered
		if float64(jump) > fastest*time && term < 1e-17 && float64(jump) > 50 {
			return c.share(c.busy) + sum
		}
		answered += ahead[0] * n / fastest
		for k := range ahead {
			rate := n + float64(k)*leaving
			ahead[k] *= 1 - (rate+leaving)/fastest
			if k+1 < len(ahead) {
				ahead[k] += ahead[k+1] * (rate + leaving) / fastest
			}
		}
		logTerm += math.Log(fastest * time / float64(jump))
		term = math.Exp(logTerm)
	}
	panic("the process does not end")
}

// near compares absolutely below 1, relatively above.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}
