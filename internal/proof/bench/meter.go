package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the CPU times in /proc/<pid>/stat on every Linux that runs this.
const tick = 10 * time.Millisecond

// cpu is the time that a process used so far, its ended threads included; 0 when it is
// gone or the system has no /proc.
func cpu(pid int) time.Duration {
	own, _ := stat(pid)
	return own
}

// stat returns the CPU time of a process, and of its children that ended.
func stat(pid int) (own, ended time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The second field is a name in parentheses, which may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return 0, 0
	}
	at := func(i int) time.Duration {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return time.Duration(n) * tick
	}
	return at(11) + at(12), at(13) + at(14)
}

// treeCPU is the time that PostgreSQL used so far: the postmaster, its children, and
// those that ended. Of a single-threaded child schedstat gives nanoseconds, where
// the ticks of hundreds of them would add up to nothing.
func treeCPU(postmaster int) time.Duration {
	own, ended := stat(postmaster)
	total := own + ended
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	if err != nil {
		return total
	}
	for _, child := range strings.Fields(string(text)) {
		line, err := os.ReadFile("/proc/" + child + "/schedstat") //nolint:gosec // a number from the kernel
		if err != nil {
			continue // it ended just now
		}
		first, _, _ := strings.Cut(string(line), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		total += time.Duration(n)
	}
	return total
}

// peakMemory is the most resident memory that a process had since its start,
// or since resetPeak, in bytes; 0 when unknown.
func peakMemory(pid int) int64 {
	kilobytes, _ := strings.CutSuffix(lineOf(fmt.Sprintf("/proc/%d/status", pid), "VmHWM"), " kB")
	n, _ := strconv.ParseInt(kilobytes, 10, 64)
	return n << 10
}

// resetPeak lets the peak of memory begin again.
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}
