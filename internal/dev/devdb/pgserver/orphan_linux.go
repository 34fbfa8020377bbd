package pgserver

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// processesOf lists the PostgreSQL processes that serve dir: each of them has
// it as its working directory, also the sessions of a parent that was killed.
func processesOf(dir string) []int {
	want, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if servesDir(filepath.Join("/proc", e.Name()), want) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// servesDir reports whether a process is PostgreSQL in the wanted directory. One
// that cannot be looked at is not ours, but a process without a program is one
// that is ending: it lets go of its memory first, where the shared segment hangs,
// and of its working directory last.
func servesDir(proc string, want os.FileInfo) bool {
	cwd, err := os.Stat(filepath.Join(proc, "cwd"))
	if err != nil || !os.SameFile(cwd, want) {
		return false
	}
	exe, err := os.Readlink(filepath.Join(proc, "exe"))
	return errors.Is(err, os.ErrNotExist) || (err == nil && isPostgres(exe))
}

// isPostgres reports whether a binary is PostgreSQL's, also that of a release
// upgraded meanwhile, which the kernel shows as "/usr/lib/.../postgres
// (deleted)".
func isPostgres(exe string) bool {
	base := filepath.Base(exe)
	return base == "postgres" || base == "postgres (deleted)"
}
