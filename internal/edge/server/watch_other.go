//go:build !linux

package server

// hungUp picks the watches whose peer has closed its side. Without POLLRDHUP
// it peeks: an end behind a pipelined request is not seen, and that request is
// then served first.
func hungUp(watches []*watch) []*watch {
	var gone []*watch
	for _, e := range watches {
		if atEnd(e) {
			gone = append(gone, e)
		}
	}
	return gone
}

func atEnd(e *watch) bool {
	raw, ok := rawConn(e.conn)
	if !ok {
		return false
	}
	end := false
	err := raw.Control(func(fd uintptr) { end = peekEnd(fd) })
	return err == nil && end
}
