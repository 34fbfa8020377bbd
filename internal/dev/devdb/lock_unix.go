//go:build unix

package devdb

import (
	"os"
	"syscall"
)

// Ways to lock a file, and the error of one that another process has.
const (
	alone  = syscall.LOCK_EX
	shared = syscall.LOCK_SH

	errLocked = syscall.EWOULDBLOCK
)

// supported is nil where Start can start a server.
func supported() error { return nil }

// tryLock locks a file until it is closed, and waits for nobody.
func tryLock(f *os.File, way int) error { return syscall.Flock(int(f.Fd()), way|syscall.LOCK_NB) }
