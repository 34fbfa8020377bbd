package server

import "golang.org/x/sys/unix"

// hungUp picks the watches whose peer has closed its side, in one system call.
// POLLRDHUP shows it even when unread data stand before the end.
func hungUp(watches []*watch) []*watch {
	if len(watches) == 0 {
		return nil
	}
	fds := make([]unix.PollFd, len(watches))
	for i, e := range watches {
		fds[i] = unix.PollFd{Fd: descriptor(e), Events: unix.POLLRDHUP}
	}
	if n, err := unix.Poll(fds, 0); err != nil || n == 0 {
		return nil // EINTR: the next tick asks again
	}
	var gone []*watch
	for i, fd := range fds {
		if fd.Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0 {
			gone = append(gone, watches[i])
		}
	}
	return gone
}

// descriptor is the connection's, or -1, which poll skips. The number stays
// valid after Control returns because the request's goroutine keeps the
// connection open until it has removed its watch.
func descriptor(e *watch) int32 {
	fd := int32(-1)
	if raw, ok := rawConn(e.conn); ok {
		raw.Control(func(n uintptr) { fd = int32(n) }) //nolint:errcheck // -1 when closed
	}
	return fd
}
