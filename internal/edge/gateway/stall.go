package gateway

import (
	"context"
	"errors"
	"net"
	"time"
)

// dialContext makes the transport's connections.
type dialContext func(ctx context.Context, network, address string) (net.Conn, error)

// impatient dials connections that break when the upstream takes nothing for as
// long as limit. The transport has no such limit, and a client would upload to
// a server that has stopped until one of them loses its nerve.
func impatient(d *net.Dialer, limit time.Duration) dialContext {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &impatientConn{c, limit}, nil
	}
}

type impatientConn struct {
	net.Conn
	limit time.Duration
}

// Write gives each piece a deadline of its own.
func (c *impatientConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// CloseWrite ends one direction, as an upgraded connection needs to.
func (c *impatientConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// stalled reports whether err is that of an impatient connection.
func stalled(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "write" && op.Timeout()
}
