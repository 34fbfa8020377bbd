package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const lockFile = "postmaster.pid"

// clearLeftovers makes a data directory usable after a hard kill: it ends the
// processes that still serve it and removes their lock file. PostgreSQL would
// refuse to start over either, and also over a lock file whose process number
// now belongs to a stranger. Its shared memory it clears away itself.
func clearLeftovers(ctx context.Context, dir string) error {
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		left, err := signalAll(ctx, dir, sig)
		if err != nil {
			return err
		}
		if !left {
			break
		}
	}
	if err := os.Remove(filepath.Join(dir, lockFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove stale lock file: %w", err)
	}
	return nil
}

// signalAll signals the processes of dir and waits for their end; left says
// that some are still there.
func signalAll(ctx context.Context, dir string, sig syscall.Signal) (left bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, quickStopTimeout)
	defer cancel()
	for _, pid := range processesOf(dir) {
		if err := send(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return false, fmt.Errorf("end orphan process %d of %s: %w", pid, dir, err)
		}
	}
	for pause := time.Millisecond; len(processesOf(dir)) > 0; pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-ctx.Done():
			return true, nil
		case <-time.After(pause):
		}
	}
	return false, nil
}

// Remove deletes a data directory whose server was stopped or killed, with
// whatever a killed one left outside of it: processes, shared memory.
func Remove(ctx context.Context, dir string) error {
	segment := sharedMemory(dir)
	if err := clearLeftovers(ctx, dir); err != nil {
		return err
	}
	if segment >= 0 {
		removeSegment(segment)
	}
	return os.RemoveAll(dir)
}

// sharedMemory reads the System V segment's id from the lock file, the second
// number of its seventh line; -1 if there is none.
func sharedMemory(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return -1
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 7 {
		return -1
	}
	fields := strings.Fields(lines[6])
	if len(fields) != 2 {
		return -1
	}
	id, err := strconv.Atoi(fields[1])
	if err != nil {
		return -1
	}
	return id
}
