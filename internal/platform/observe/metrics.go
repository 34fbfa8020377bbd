package observe

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the series of /metrics. All methods may be called from any
// goroutine.
type Metrics struct {
	registry *prometheus.Registry
	inFlight atomic.Int64

	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	stages    []prometheus.Observer // read-only
	limited   *prometheus.CounterVec
	upstream  *prometheus.HistogramVec
	upErrors  *prometheus.CounterVec
	panics    prometheus.Counter
	gone      prometheus.Counter
}

// Request is one that was answered.
type Request struct {
	Route  string // class of the path: rest, rpc, auth, health ...
	Role   string // database role; "" = not known
	Status int
	Took   time.Duration
}

// services are the parts of a Supabase project that requests are passed to,
// so that their series are there before the first request. Read-only.
var services = []string{"rest", "auth", "storage", "functions", "realtime", "graphql"}

// NewMetrics makes all series, at zero. stages are the names of the stages of a
// request, in order.
func NewMetrics(stages ...string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	fast := prometheus.ExponentialBuckets(0.00001, 3, 14) // 10 µs to 16 s
	m.requests = m.counters("romashka_http_requests_total", "Requests answered.", "route", "status", "role")
	m.durations = m.histograms("romashka_http_request_duration_seconds", "Time from a request's arrival to the end of its answer.", prometheus.ExponentialBuckets(0.0005, 2, 16), "route")
	m.limited = m.counters("romashka_rate_limited_total", "Requests refused by a rate limit.", "limit")
	m.upstream = m.histograms("romashka_upstream_duration_seconds", "Time until the upstream's answer began.", prometheus.ExponentialBuckets(0.001, 2, 15), "service")
	m.upErrors = m.counters("romashka_upstream_errors_total", "Requests that the upstream did not answer.", "service")
	m.panics = m.counter("romashka_panics_total", "Panics caught while serving.")
	m.gone = m.counter("romashka_http_clients_gone_total", "Clients that left before their answer.")
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "romashka_http_requests_in_flight", Help: "Requests being served."},
			func() float64 { return float64(m.inFlight.Load()) }),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	took := m.histograms("romashka_stage_duration_seconds", "Time that one stage of a request took.", fast, "stage")
	for _, name := range stages {
		m.stages = append(m.stages, took.WithLabelValues(name))
	}
	for _, name := range []string{"user", "address", "role"} {
		m.limited.WithLabelValues(name)
	}
	for _, name := range services {
		m.upstream.WithLabelValues(name)
		m.upErrors.WithLabelValues(name)
	}
	return m
}

func (m *Metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) histograms(name, help string, buckets []float64, label string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, []string{label})
	m.registry.MustRegister(h)
	return h
}

// Begin counts a request in.
func (m *Metrics) Begin() { m.inFlight.Add(1) }

// End counts a request out.
func (m *Metrics) End(r Request) {
	m.inFlight.Add(-1)
	m.requests.WithLabelValues(r.Route, statusText(r.Status), roleClass(r.Role)).Inc()
	m.durations.WithLabelValues(r.Route).Observe(r.Took.Seconds())
}

// statusText spares an allocation for the usual ones.
func statusText(status int) string {
	switch status {
	case 200:
		return "200"
	case 201:
		return "201"
	case 204:
		return "204"
	case 401:
		return "401"
	case 404:
		return "404"
	}
	return strconv.Itoa(status)
}

// roleClass keeps the series few: a token may name any role.
func roleClass(role string) string {
	switch role {
	case "anon", "authenticated", "service_role":
		return role
	case "":
		return "none"
	default:
		return "other"
	}
}

// Stages counts the time of each stage that was named to [NewMetrics]; those
// that were not reached took none and do not count.
func (m *Metrics) Stages(taken []time.Duration) {
	if len(m.stages) == 0 {
		return
	}
	for i, took := range taken {
		if took > 0 {
			m.stages[i].Observe(took.Seconds())
		}
	}
}

// Limited counts a request refused by the limit of that name.
func (m *Metrics) Limited(name string) { m.limited.WithLabelValues(name).Inc() }

// Upstream counts a request that was passed on to a service of the Supabase
// project (rest, auth, storage, functions, realtime, graphql). took is until
// the answer began; failed means that none came.
func (m *Metrics) Upstream(service string, took time.Duration, failed bool) {
	m.upstream.WithLabelValues(service).Observe(took.Seconds())
	if failed {
		m.upErrors.WithLabelValues(service).Inc()
	}
}

// Panic counts a panic that was caught.
func (m *Metrics) Panic() { m.panics.Inc() }

// Gone counts a client that left before its answer.
func (m *Metrics) Gone() { m.gone.Inc() }

// InFlight is the number of requests being served.
func (m *Metrics) InFlight() int64 { return m.inFlight.Load() }

// Add shows the samples of read each time the series are asked for.
func (m *Metrics) Add(read func() []Sample) error { return m.registry.Register(samples(read)) }

// Handler answers with all series in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Kind is Prometheus' type of a series.
type Kind string

// Counter only grows; Gauge goes both ways.
const (
	Counter Kind = "counter"
	Gauge   Kind = "gauge"
)

// Sample is one value of one series.
type Sample struct {
	Name       string
	Kind       Kind
	Help       string
	Label      string // "" = none
	LabelValue string
	Labels     map[string]string // more of them; the same names for all of one Name
	Value      float64
}

// samples collects figures that others count.
type samples func() []Sample

// Describe names nothing beforehand, which the registry allows.
func (samples) Describe(chan<- *prometheus.Desc) {}

func (read samples) Collect(to chan<- prometheus.Metric) {
	for _, s := range read() {
		var names, values []string
		if s.Label != "" {
			names, values = []string{s.Label}, []string{s.LabelValue}
		}
		for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
			names, values = append(names, name), append(values, s.Labels[name])
		}
		kind := prometheus.GaugeValue
		if s.Kind == Counter {
			kind = prometheus.CounterValue
		}
		desc := prometheus.NewDesc(s.Name, s.Help, names, nil)
		if metric, err := prometheus.NewConstMetric(desc, kind, s.Value, values...); err == nil {
			to <- metric
		}
	}
}
