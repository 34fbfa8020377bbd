package observe

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"
)

// Counters count what passes the edge. The zero value is ready; all methods
// may be called from any goroutine.
type Counters struct {
	byClass  [6]atomic.Int64 // by the status' first digit; 0 = client gone before an answer
	nanos    atomic.Int64
	inFlight atomic.Int64
	panics   atomic.Int64
	gone     atomic.Int64
}

// Begin counts a request in.
func (c *Counters) Begin() { c.inFlight.Add(1) }

// End counts the request out with the status that it got.
func (c *Counters) End(status int, took time.Duration) {
	c.inFlight.Add(-1)
	class := status / 100
	if class < 0 || class >= len(c.byClass) {
		class = 0
	}
	c.byClass[class].Add(1)
	c.nanos.Add(int64(took))
}

// Panic counts a panic that was caught.
func (c *Counters) Panic() { c.panics.Add(1) }

// Gone counts a client that left before its answer.
func (c *Counters) Gone() { c.gone.Add(1) }

// InFlight is the number of requests being served.
func (c *Counters) InFlight() int64 { return c.inFlight.Load() }

// Samples reads the counters.
func (c *Counters) Samples() []Sample {
	const requests = "romashka_http_requests_total"
	s := make([]Sample, 0, 10)
	var total int64
	for class := 1; class < len(c.byClass); class++ {
		n := c.byClass[class].Load()
		total += n
		s = append(s, Sample{Name: requests, Kind: Counter, Help: "Requests answered, by class of status.",
			Label: "class", LabelValue: strconv.Itoa(class) + "xx", Value: float64(n)})
	}
	return append(s,
		Sample{Name: "romashka_http_request_seconds_total", Kind: Counter, Help: "Time spent on requests.", Value: time.Duration(c.nanos.Load()).Seconds()},
		Sample{Name: "romashka_http_requests_in_flight", Kind: Gauge, Help: "Requests being served.", Value: float64(c.inFlight.Load())},
		Sample{Name: "romashka_http_clients_gone_total", Kind: Counter, Help: "Clients that left before their answer.", Value: float64(c.gone.Load())},
		Sample{Name: "romashka_panics_total", Kind: Counter, Help: "Panics caught while serving.", Value: float64(c.panics.Load())},
	)
}

// Kind is Prometheus' type of a series.
type Kind string

// Counter only grows; Gauge goes both ways.
const (
	Counter Kind = "counter"
	Gauge   Kind = "gauge"
)

// Sample is one value of one series. Samples of one name stand together.
type Sample struct {
	Name       string
	Kind       Kind
	Help       string
	Label      string // "" = none
	LabelValue string
	Value      float64
}

// WriteText writes samples in Prometheus' text format.
func WriteText(w io.Writer, samples []Sample) error {
	b := bufio.NewWriter(w)
	last := ""
	for _, s := range samples {
		if s.Name != last {
			fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", s.Name, s.Help, s.Name, s.Kind)
			last = s.Name
		}
		if s.Label != "" {
			fmt.Fprintf(b, "%s{%s=%q} ", s.Name, s.Label, s.LabelValue)
		} else {
			fmt.Fprintf(b, "%s ", s.Name)
		}
		b.WriteString(strconv.FormatFloat(s.Value, 'g', -1, 64))
		b.WriteByte('\n')
	}
	return b.Flush()
}
