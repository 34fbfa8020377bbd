package wire

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// FreePort is a port of 127.0.0.1 that was free a moment ago. It is none of
// those that systems give to connections: one that is taken in seconds only,
// by a server that takes its time to start, would often be another's by then.
func FreePort(ctx context.Context) (string, error) {
	const lowest, count, attempts = 20000, 10000, 100
	for range attempts {
		port := strconv.Itoa(lowest + rand.IntN(count)) //nolint:gosec // nobody gains by guessing it
		var c net.ListenConfig
		if ln, err := c.Listen(ctx, "tcp", "127.0.0.1:"+port); err == nil {
			return port, ln.Close()
		}
	}
	return "", errors.New("find a free port: none is")
}
