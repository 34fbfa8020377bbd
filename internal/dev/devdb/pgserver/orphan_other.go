//go:build !linux

package pgserver

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// processesOf lists the PostgreSQL parent process that serves dir, if any.
// Its sessions end by themselves when it does.
func processesOf(dir string) []int {
	pid := lockedPID(dir)
	if pid == 0 {
		return nil
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || !strings.Contains(string(out), "-D "+dir) {
		return nil
	}
	return []int{pid}
}

// lockedPID is the process that a data directory's lock file names; 0 if none.
func lockedPID(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}
