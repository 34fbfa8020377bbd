package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// FreePort is a port of 127.0.0.1 that was free a moment ago.
func FreePort(ctx context.Context) (string, error) {
	var c net.ListenConfig
	ln, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return port, errors.Join(err, ln.Close())
}
