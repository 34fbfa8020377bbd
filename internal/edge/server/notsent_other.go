//go:build !linux

package server

import "net"

// takeLittle is for Linux alone.
func takeLittle(net.Conn) {}
