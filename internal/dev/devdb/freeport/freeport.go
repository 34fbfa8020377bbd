// Package freeport finds a port for a server that takes its time to start.
//
// It never holds the port: a caller that can should listen on port 0 instead.
package freeport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Find returns a port of 127.0.0.1 that was free a moment ago. It is none of
// those that systems give to connections (32768 and up on Linux): one that is
// taken in seconds only would often be another's by then, and where thousands
// of connections wait for their end, none may be free.
func Find(ctx context.Context) (string, error) {
	const lowest, count, attempts = 20000, 10000, 100
	for range attempts {
		port := strconv.Itoa(lowest + rand.IntN(count)) //nolint:gosec // nobody gains by guessing it
		var c net.ListenConfig
		if ln, err := c.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return port, ln.Close()
		}
	}
	return "", errors.New("find a free port: none is")
}
