// Package stage names the stages of a request and measures them: one vocabulary
// for timings, metrics, traces and Server-Timing.
//
// It never decides the work of a stage, nor who learns how long it took.
package stage

import (
	"strconv"
	"time"
)

// Stage is a part of a request's way.
type Stage int

// The stages, in order.
const (
	Auth Stage = iota
	Parse
	Plan
	Query
	Database
	Render
	count
)

// names of the stages: ours, and those of Server-Timing, which are PostgREST's;
// there the transaction begins with the writing of its SQL. Read-only.
var names = [count]struct{ own, header string }{
	Auth: {"auth", "jwt"}, Parse: {"parse", "parse"}, Plan: {"plan", "plan"},
	Query: {"query", "transaction"}, Database: {"database", "transaction"}, Render: {"render", "response"},
}

// Names returns the names of all stages, in order.
func Names() []string {
	out := make([]string, count)
	for i := range names {
		out[i] = names[i].own
	}
	return out
}

// Timings are the stages of one request; one that was not reached took no time.
type Timings [count]time.Duration

// Clock measures the stages of one request.
type Clock struct {
	last  time.Time
	Taken Timings
}

// Start returns a clock that runs; auth was measured elsewhere.
func Start(auth time.Duration) Clock {
	return Clock{last: time.Now(), Taken: Timings{Auth: auth}}
}

// Lap ends a stage: the next one begins.
func (c *Clock) Lap(s Stage) {
	now := time.Now()
	c.Taken[s] += now.Sub(c.last)
	c.last = now
}

// Header returns the value of Server-Timing: milliseconds with one decimal.
func (t *Timings) Header() string {
	out := make([]byte, 0, 96)
	for i := 0; i < len(t); {
		name, took := names[i].header, time.Duration(0)
		for ; i < len(t) && names[i].header == name; i++ {
			took += t[i]
		}
		if len(out) > 0 {
			out = append(out, ", "...)
		}
		ms := float64(took) / float64(time.Millisecond)
		out = strconv.AppendFloat(append(append(out, name...), ";dur="...), ms, 'f', 1, 64)
	}
	return string(out)
}
