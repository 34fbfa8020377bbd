package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// takeLittle has a socket take no more than a piece that it cannot send. The
// kernel would else take megabytes from us at once and then nothing for long,
// however steadily the client reads.
func takeLittle(conn net.Conn) {
	if raw, ok := rawConn(conn); ok {
		raw.Control(func(n uintptr) { //nolint:errcheck // it is for the better alone
			_ = unix.SetsockoptInt(int(n), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, hurriedPiece)
		})
	}
}
