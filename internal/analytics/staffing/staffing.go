package staffing

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"
)

// Work is the contacts of one interval, and the time that they take.
type Work struct {
	Volume   float64       // contacts in the interval, >= 0
	Interval time.Duration // > 0
	AHT      time.Duration // mean handling time of a contact; 0 = not known
	Patience time.Duration // mean time after which a waiting contact leaves; 0 = nobody leaves
	Factor   float64       // contacts handled in the time of one, from ChatFactor or measured; 0 = 1
	Deferred bool          // can be put off, as e-mail can: no queue, only work to be done
}

// Targets are the agents' goals.
type Targets struct {
	ServiceLevel float64       // share of contacts to be answered in time, above 0 and below 1
	Within       time.Duration // that time, >= 0
	MaxOccupancy float64       // largest mean share of agents that are busy, above 0, at most 1
	Shrinkage    float64       // share of the roster that is not at work, 0 <= Shrinkage < 1
}

// Model is how waiting is computed.
type Model string

// The models. Workload has no queue: only occupancy is known.
const (
	ErlangCModel Model = "erlang-c"
	ErlangAModel Model = "erlang-a"
	Workload     Model = "workload"
)

// Figures are the results of a number of agents for the work. A figure that does not
// exist is nil: all of them when the queue is not stable, those of waiting when
// there is no queue, the abandoned ones when nobody leaves.
type Figures struct {
	Model        Model    `json:"model"`
	OfferedLoad  float64  `json:"offered_load"`  // Erlang, after Factor
	Agents       int      `json:"agents"`        // at work
	Rostered     int      `json:"rostered"`      // on the roster, so that Agents are at work
	ServiceLevel *float64 `json:"service_level"` // share of all contacts answered in time
	ASASeconds   *float64 `json:"asa_seconds"`   // mean wait of all contacts, those who leave included
	Occupancy    *float64 `json:"occupancy"`     // mean share of Agents that are busy
	PWait        *float64 `json:"p_wait"`        // share of contacts that wait
	PAbandon     *float64 `json:"p_abandon"`     // share of contacts that leave
	Stable       bool     `json:"stable"`        // reports whether the queue does not grow for ever
}

// Errors. ErrNoAHT is a state to be shown, not a fault.
var (
	ErrNoAHT    = errors.New("no AHT: the mean handling time is not known")
	ErrTooLarge = fmt.Errorf("more than %d agents", MaxAgents)
	ErrInvalid  = errors.New("out of range")
)

// MaxAgents is the largest number of agents that figures are computed for.
const MaxAgents = 1_000_000

// maxVolume keeps loads within the range that a number can hold exactly enough.
const maxVolume = 1e15

// ForAgents returns the figures of agents (0 to MaxAgents) who do the work.
// Of t it takes Within and Shrinkage.
//
// Errors: ErrNoAHT, ErrTooLarge, ErrInvalid.
func ForAgents(w Work, t Targets, agents int) (Figures, error) {
	if err := cmp.Or(w.check(), t.checkFree()); err != nil {
		return Figures{}, err
	}
	if agents < 0 {
		return Figures{}, fmt.Errorf("agents %d: %w", agents, ErrInvalid)
	}
	if agents > MaxAgents {
		return Figures{}, ErrTooLarge
	}
	return newDesk(w, t).figures(agents), nil
}

// Smallest returns the figures of the smallest number of agents that reaches
// both the service level and the cap of occupancy. No work needs nobody.
//
// Errors: ErrNoAHT, ErrTooLarge when more than MaxAgents are needed, ErrInvalid.
func Smallest(w Work, t Targets) (Figures, error) {
	if err := cmp.Or(w.check(), t.check()); err != nil {
		return Figures{}, err
	}
	d := newDesk(w, t)
	n, err := d.smallest()
	if err != nil {
		return Figures{}, err
	}
	return d.figures(n), nil
}

// check returns an error for figures that Work must not hold.
func (w Work) check() error {
	switch {
	case w.AHT == 0:
		return ErrNoAHT
	case !(w.Volume >= 0) || w.Volume > maxVolume:
		return fmt.Errorf("volume %v: %w", w.Volume, ErrInvalid)
	case w.AHT < 0, w.Interval <= 0, w.Patience < 0:
		return fmt.Errorf("handling time %v, interval %v, patience %v: %w", w.AHT, w.Interval, w.Patience, ErrInvalid)
	case w.Factor != 0 && !(w.Factor >= 1) || math.IsInf(w.Factor, 0):
		return fmt.Errorf("factor %v: %w", w.Factor, ErrInvalid)
	}
	return nil
}

func (w Work) factor() float64 { return cmp.Or(w.Factor, 1) }

// check returns an error for targets that nobody can reach or that mean nothing.
func (t Targets) check() error {
	switch {
	case !(t.ServiceLevel > 0 && t.ServiceLevel < 1):
		return fmt.Errorf("service level %v: %w", t.ServiceLevel, ErrInvalid)
	case !(t.MaxOccupancy > 0 && t.MaxOccupancy <= 1):
		return fmt.Errorf("occupancy %v: %w", t.MaxOccupancy, ErrInvalid)
	}
	return t.checkFree()
}

// checkFree returns an error for targets that hold for any number of agents.
func (t Targets) checkFree() error {
	if t.Within < 0 || !(t.Shrinkage >= 0 && t.Shrinkage < 1) {
		return fmt.Errorf("within %v, shrinkage %v: %w", t.Within, t.Shrinkage, ErrInvalid)
	}
	return nil
}

// desk is work and targets with the load in both forms.
type desk struct {
	work     Work
	targets  Targets
	exact    *big.Rat
	load     float64
	handling float64 // seconds of an agent for one contact, after the factor
}

func newDesk(w Work, t Targets) desk {
	d := desk{work: w, targets: t, exact: w.load(), handling: seconds(w.AHT) / w.factor()}
	d.load, _ = d.exact.Float64()
	return d
}

func (d desk) model() Model {
	switch {
	case d.work.Deferred:
		return Workload
	case d.work.Patience > 0:
		return ErlangAModel
	default:
		return ErlangCModel
	}
}

// carries reports whether agents are more than the load, without rounding.
func (d desk) carries(agents int) bool {
	return d.exact.Cmp(new(big.Rat).SetInt64(int64(agents))) < 0
}

// figures returns the answer for a number of agents.
func (d desk) figures(agents int) Figures {
	f := Figures{
		Model: d.model(), OfferedLoad: d.load, Agents: agents,
		Rostered: Rostered(agents, d.targets.Shrinkage), Stable: true,
	}
	switch {
	case agents == 0:
		d.nobody(&f)
	case f.Model == Workload:
		d.workload(&f)
	case f.Model == ErlangCModel && !d.carries(agents):
		f.Stable = false
	default:
		q := d.queue(agents)
		f.ServiceLevel, f.ASASeconds, f.Occupancy, f.PWait = &q.answered, &q.meanWait, &q.occupancy, &q.wait
		if f.Model == ErlangAModel {
			f.PAbandon = &q.abandon
		}
	}
	return f
}

// nobody fills in the figures without agents: with patience all contacts
// leave, else they wait for ever, and without contacts there is nothing to say.
func (d desk) nobody(f *Figures) {
	switch {
	case d.load == 0:
	case f.Model == ErlangAModel:
		patience := seconds(d.work.Patience)
		f.ServiceLevel, f.PWait, f.PAbandon, f.ASASeconds = new(float64), value(1), value(1), &patience
	default:
		f.Stable = false
	}
}

// workload fills in occupancy: work that can be put off has no queue.
func (d desk) workload(f *Figures) {
	f.Stable = d.exact.Cmp(new(big.Rat).SetInt64(int64(f.Agents))) <= 0
	if f.Stable {
		f.Occupancy = value(d.load / float64(f.Agents))
	}
}

// queue returns the fate of contacts with agents >= 1, who carry the load or whom
// contacts leave.
func (d desk) queue(agents int) queue {
	within := seconds(d.targets.Within)
	switch {
	case d.load == 0:
		return queue{answered: 1}
	case d.work.Patience > 0:
		return queueA(d.load, d.handling, seconds(d.work.Patience), within, agents)
	default:
		return queueC(d.load, d.handling, within, agents, ErlangB(d.load, agents))
	}
}

func value(x float64) *float64 { return &x }
