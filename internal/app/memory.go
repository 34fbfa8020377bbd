package app

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/config"
)

// goShare is the share of a cgroup's memory for Go's own, in percent: the rest is
// for memory that the collector does not see, and for its being late.
const goShare = 90

// LimitMemory makes Go's collector work harder as the process comes near the
// memory limit of its cgroup, and returns how much Go may have, in bytes; 0
// means that nothing limits it. GOMEMLIMIT, where it is set, stays in force.
//
// root is the root of the file system.
func LimitMemory(root fs.FS) int64 {
	if given := debug.SetMemoryLimit(-1); given != math.MaxInt64 {
		return given
	}
	limit := cgroupMemory(root) / 100 * goShare
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// bodyShare is the share of the process's memory for bodies, in percent. As
// much again is left for garbage that is not yet collected.
const bodyShare = 40

// bodyLimits are the settings for one body and for all, in bytes, or less where
// the process has little memory. An eighth of all is kept for small ones.
func (a *App) bodyLimits(cfg config.Config) (one, all int) {
	one, all = cfg.Server.BodyLimit, cfg.Server.BodyMemory
	most := int(a.o.Memory / 100 * bodyShare)
	if most == 0 || all <= most {
		return one, all
	}
	one, all = min(one, most-most/8-1), most
	a.log.LogAttrs(context.Background(), slog.LevelWarn, "romashka-body-memory is more than this process's memory has room for; less is used",
		slog.Int("setting", cfg.Server.BodyMemory), slog.Int("used", all), slog.Int("largest_body", one), slog.Int64("memory_limit", a.o.Memory))
	return one, all
}

// cgroup is a hierarchy of cgroups that can limit memory.
type cgroup struct {
	root  string // the cgroup that its mount point shows
	mount string // without the first "/"
	file  string // of each cgroup: its limit
}

// cgroupMemory is the smallest memory limit of the cgroups that the process is
// in, in bytes; 0 where there is none, or none that can be read.
func cgroupMemory(root fs.FS) int64 {
	mounts, err := fs.ReadFile(root, "proc/self/mountinfo")
	own, err2 := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil || err2 != nil {
		return 0 // not Linux, or not to be known
	}
	smallest := int64(math.MaxInt64)
	for line := range strings.Lines(string(mounts)) {
		g, v2, ok := parseMount(line)
		if !ok {
			continue
		}
		folder, ok := g.folder(ownPath(string(own), v2))
		for ok {
			smallest = min(smallest, readLimit(root, path.Join(folder, g.file)))
			ok = folder != g.mount
			folder = path.Dir(folder)
		}
	}
	if smallest == math.MaxInt64 {
		return 0
	}
	return smallest
}

// parseMount reads a line of mountinfo; ok is false for a line that is no hierarchy
// of cgroups with a limit of memory.
func parseMount(line string) (g cgroup, v2, ok bool) {
	// 36 35 98:0 /root /mount/point options - type source options
	before, behind, found := strings.Cut(line, " - ")
	place, kind := strings.Fields(before), strings.Fields(behind)
	const least = 5
	if !found || len(place) < least || len(kind) < 3 {
		return cgroup{}, false, false
	}
	g = cgroup{root: place[3], mount: strings.TrimPrefix(place[4], "/")}
	switch {
	case kind[0] == "cgroup2":
		g.file = "memory.max"
		return g, true, true
	case kind[0] == "cgroup" && contains(kind[2], "memory"):
		g.file = "memory.limit_in_bytes"
		return g, false, true
	default:
		return cgroup{}, false, false
	}
}

func contains(list, word string) bool { return strings.Contains(","+list+",", ","+word+",") }

// ownPath is the process's cgroup, as /proc/self/cgroup names it.
func ownPath(own string, v2 bool) string {
	for line := range strings.Lines(own) {
		number, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, name, _ := strings.Cut(rest, ":")
		if v2 && number == "0" && controllers == "" || !v2 && contains(controllers, "memory") {
			return name
		}
	}
	return ""
}

// folder is where the cgroup own is to be seen. In a container without a
// namespace of its own the mount point is the container's cgroup already, and
// a cgroup that is not below the mounted one is not to be seen at all.
func (g cgroup) folder(own string) (string, bool) {
	if own == "" {
		return "", false
	}
	below, ok := strings.CutPrefix(own, strings.TrimSuffix(g.root, "/"))
	if !ok || strings.HasPrefix(below, "/..") {
		return g.mount, true
	}
	return path.Join(g.mount, below), true
}

// readLimit is the number in a file; the largest where there is none: "max", a
// cgroup without limits, or no such file.
func readLimit(root fs.FS, file string) int64 {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return math.MaxInt64
	}
	limit, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	const none = math.MaxInt64 / 2 // v1 has a large number for no limit
	if err != nil || limit <= 0 || limit > none {
		return math.MaxInt64
	}
	return limit
}
