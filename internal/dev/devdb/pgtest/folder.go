package pgtest

import (
	"os"
	"syscall"
	"testing"
)

// Folder returns a temporary folder in which a server can be started: unlike
// that of t.TempDir, other accounts may walk through it, as root's server must.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(fastDir(), "romashka-test-") //nolint:usetesting // see above: t.TempDir is closed to others
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return dir
}

// fastDir is a temporary folder in memory where there is plenty of it: each
// database is some 300 files, and ext4 is slow to make files just after it has
// deleted many, which is all that a test run does.
func fastDir() string {
	const memory, plenty = "/dev/shm", 2 << 30 // bytes
	var fs syscall.Statfs_t
	err := syscall.Statfs(memory, &fs)
	if err == nil && uint64(fs.Bavail)*uint64(fs.Bsize) >= plenty {
		return memory
	}
	return os.TempDir()
}
