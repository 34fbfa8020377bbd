//go:build !unix

package server

import (
	"errors"
	"syscall"
)

func reusePort(_, _ string, _ syscall.RawConn) error {
	return errors.New("server-reuseport is not available on this system")
}
