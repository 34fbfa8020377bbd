package main

import (
	"math"
	"slices"
	"time"
)

// histogram counts durations in classes that grow by 2 %, from 1 µs to hours.
type histogram struct {
	Counts []int64
	N      int64
}

const growth = 1.02

func (h *histogram) add(d time.Duration) {
	class := 0
	if us := float64(d) / float64(time.Microsecond); us > 1 {
		class = int(math.Log(us) / math.Log(growth))
	}
	if class >= len(h.Counts) {
		h.Counts = append(h.Counts, make([]int64, class+1-len(h.Counts))...)
	}
	h.Counts[class]++
	h.N++
}

func (h *histogram) merge(o histogram) {
	if len(o.Counts) > len(h.Counts) {
		h.Counts = append(h.Counts, make([]int64, len(o.Counts)-len(h.Counts))...)
	}
	for i, n := range o.Counts {
		h.Counts[i] += n
	}
	h.N += o.N
}

// quantile is the duration that a share q of all did not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	rest := int64(math.Ceil(q * float64(h.N)))
	for i, n := range h.Counts {
		if rest -= n; rest <= 0 {
			return time.Duration(math.Pow(growth, float64(i)+0.5) * float64(time.Microsecond))
		}
	}
	return 0
}

// latency is a histogram in short, in microseconds.
type latency struct {
	P50  int64 `json:"p50_us"`
	P95  int64 `json:"p95_us"`
	P99  int64 `json:"p99_us"`
	P999 int64 `json:"p99_9_us"`
}

func (h *histogram) latency() latency {
	return latency{
		P50: h.quantile(0.5).Microseconds(), P95: h.quantile(0.95).Microseconds(),
		P99: h.quantile(0.99).Microseconds(), P999: h.quantile(0.999).Microseconds(),
	}
}

// median of at least one value; the lower one of two in the middle.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
