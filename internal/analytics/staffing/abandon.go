package staffing

import "math"

// queueA returns the fate of contacts in a queue that they leave after an
// exponential patience (M/M/n+M). handling, patience and within are in one unit
// of time; agents >= 1, load > 0.
//
// The wait that a patient contact would have has, above 0, the density
// rate exp(rate H(x) - n x / handling) / (1/B(n-1) + rate J), with
// H(x) = patience (1 - exp(-x / patience)) and J the integral of the
// exponential. Each figure is an integral over it. Source: Zeltyn, Mandelbaum,
// "Call centers with impatient customers: many-server asymptotics of the
// M/M/n+G queue", Queueing Systems 51 (2005), section 2.
func queueA(load, handling, patience, within float64, agents int) queue {
	// In units of patience: arrivals and completions while one contact is patient.
	arrivals := load * patience / handling
	served := float64(agents) * patience / handling
	d := newDensity(arrivals, served)
	all := d.integrate(math.Inf(1), func(float64) float64 { return 1 })
	left := d.integrate(math.Inf(1), func(y float64) float64 { return -math.Expm1(-y) })
	inTime := d.integrate(within/patience, func(y float64) float64 { return math.Exp(-y) })

	// The atom of contacts that do not wait, on the scale of the density.
	atOnce := math.Exp(-d.top) / ErlangB(load, agents-1)
	if math.IsInf(atOnce, 1) { // nobody waits, to the last digit
		return queue{answered: 1, occupancy: load / float64(agents)}
	}
	total := atOnce + arrivals*all
	q := queue{
		wait:     arrivals * all / total,
		answered: (atOnce + arrivals*inTime) / total,
		abandon:  arrivals * left / total,
	}
	q.meanWait = q.abandon * patience
	q.occupancy = min(1, load*(1-q.abandon)/float64(agents))
	return q
}

// density is exp(arrivals (1 - exp(-y)) - served y) for y >= 0, divided by its
// largest value exp(top), which is at mode. It is log-concave.
type density struct {
	mode, top float64
	served    float64
	bend      float64 // min(arrivals, served)
	slope     float64 // max(0, served - arrivals)
	end       float64 // from here on it is below exp(-depth)
	flat      float64 // from here on exp(-y) adds nothing, and only exp(-served y) is left
}

// depth is how far below the largest value, as a logarithm, the rest of the
// density no longer counts in 15 digits.
const depth = 45

func newDensity(arrivals, served float64) density {
	d := density{
		served: served, bend: min(arrivals, served), slope: max(0, served-arrivals),
		flat: math.Log(max(arrivals, 1)) + 40,
	}
	if arrivals > served {
		d.mode = math.Log(arrivals / served)
		d.top = arrivals - served - served*d.mode
	}
	d.end = d.mode + d.reach()
	return d
}

// log returns the logarithm of the density at a distance from its mode. Written
// from the mode, it does not subtract large numbers from each other.
func (d density) log(distance float64) float64 {
	return -d.bend*curve(distance) - d.slope*distance
}

// curve returns exp(-x) - 1 + x, by its series where the terms would cancel.
func curve(x float64) float64 {
	if math.Abs(x) > 1e-3 {
		return math.Expm1(-x) + x
	}
	return x * x / 2 * (1 - x/3*(1-x/4*(1-x/5*(1-x/6))))
}

// reach returns the distance above the mode at which the density is down by
// depth: doubled until it is, then halved into place.
func (d density) reach() float64 {
	far := 1e-30
	for d.log(far) > -depth {
		far *= 2
	}
	near := far / 2
	for range 20 {
		if middle := (near + far) / 2; d.log(middle) > -depth {
			near = middle
		} else {
			far = middle
		}
	}
	return far
}

// integrate returns the integral of weight times the density from 0 to until.
// weight changes no faster than exp(-y).
func (d density) integrate(until float64, weight func(y float64) float64) float64 {
	f := func(y float64) float64 { return weight(y) * math.Exp(d.log(y-d.mode)) }
	start := max(0, d.mode-(d.end-d.mode)) // below the mode it falls off faster
	last := min(until, d.end, d.flat)
	sum := 0.0
	if left := min(last, d.mode); left > start {
		sum += legendre(f, start, left)
	}
	if right := max(start, d.mode); last > right {
		sum += legendre(f, right, last)
	}
	if until > d.flat && d.end > d.flat { // the rest is an exponential
		sum += f(d.flat) * -math.Expm1(-d.served*(until-d.flat)) / d.served
	}
	return sum
}

// nodes and weights of the Gauss-Legendre rule with ten points on [-1, 1], the
// half above 0. Read-only.
var (
	nodes   = [...]float64{0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717}
	weights = [...]float64{0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806, 0.0666713443086881}
)

// legendre integrates f from a to b in panels of ten points each.
func legendre(f func(float64) float64, a, b float64) float64 {
	const panels = 24
	half := (b - a) / (2 * panels)
	sum := 0.0
	for p := range panels {
		middle := a + half*float64(2*p+1)
		for i, node := range nodes {
			sum += weights[i] * (f(middle-half*node) + f(middle+half*node))
		}
	}
	return sum * half
}
