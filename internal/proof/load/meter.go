package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// heading is that of the table.
const heading = "| trial | clients | users | changes/s | told | of | twice | not theirs | p50 ms | p95 ms | p99 ms | CPU s: sidecar | PostgreSQL | clients |\n" +
	"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"

// figures are those of one trial.
type figures struct {
	name                string
	clients, users      int
	rate                float64 // changes in a second, as they were written
	told, due           int
	again, others       int // rows that came more than once, and to those who may not read them
	delays              []time.Duration
	sidecar, base, load time.Duration // CPU
}

func (f *figures) line() string {
	slices.Sort(f.delays)
	at := func(q float64) float64 {
		if len(f.delays) == 0 {
			return 0
		}
		return float64(f.delays[min(len(f.delays)-1, int(q*float64(len(f.delays))))].Microseconds()) / 1000
	}
	return fmt.Sprintf("| %s | %d | %d | %.0f | %d | %d | %d | %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |",
		f.name, f.clients, f.users, f.rate, f.told, f.due, f.again, f.others, at(0.5), at(0.95), at(0.99), f.sidecar.Seconds(), f.base.Seconds(), f.load.Seconds())
}

// tick is the unit of the CPU times in /proc/<pid>/stat on every Linux that runs this.
const tick = 10 * time.Millisecond

// cpu is the time that a process used, and its children that ended.
func cpu(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) //nolint:gosec // a number
	if err != nil {
		return 0
	}
	// The second field is a name in parentheses, which may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return 0
	}
	return time.Duration(number(fields[11])+number(fields[12])+number(fields[13])+number(fields[14])) * tick
}

// treeCPU is the time of a process and of its children.
func treeCPU(pid int) time.Duration {
	total := cpu(pid)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) //nolint:gosec // a number
	if err != nil {
		return total
	}
	for _, child := range strings.Fields(string(text)) {
		total += cpu(number(child))
	}
	return total
}

// memory is how much of a process is resident, in bytes.
func memory(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) //nolint:gosec // a number
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	return number(fields[0]) << 10
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
