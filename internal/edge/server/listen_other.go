//go:build !unix

package server

import (
	"errors"
	"math"
	"syscall"
)

// openFiles is how many connections the process may hold.
func openFiles() int { return math.MaxInt32 }

func reusePort(_, _ string, _ syscall.RawConn) error {
	return errors.New("server-reuseport is not available on this system")
}
