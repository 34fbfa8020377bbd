//go:build unix

package server

import (
	"math"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFiles is how many connections the process may hold. The rest of its files
// is for the database, the project and itself.
func openFiles() int {
	const share = 8
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return max(1, int(limit.Cur)*(share-1)/share)
}

// reusePort lets several processes bind the same port.
func reusePort(_, _ string, c syscall.RawConn) error {
	var err error
	if cerr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); cerr != nil {
		return cerr
	}
	return err
}
