package replica

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Lines are the connections of a pool, so that those who wait on one for a server that is
// gone need not wait for long. The zero value is ready.
type Lines struct {
	mu   sync.Mutex
	open map[*line]struct{}
	shut bool
}

// line is one connection.
type line struct {
	net.Conn
	of *Lines
}

// Guard has the connections of a pool that is to be made belong to l.
func (l *Lines) Guard(c *pgxpool.Config) {
	dial := c.ConnConfig.DialFunc
	c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if l.isShut() {
			return nil, errShut
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return l.add(conn)
	}
}

// errShut says that the server was left.
var errShut = errors.New("the replica does not answer")

func (l *Lines) isShut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shut
}

func (l *Lines) add(conn net.Conn) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return nil, errors.Join(errShut, conn.Close())
	}
	own := &line{conn, l}
	if l.open == nil {
		l.open = map[*line]struct{}{}
	}
	l.open[own] = struct{}{}
	return own, nil
}

// Close is the pool's.
func (c *line) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// cut closes all connections, and lets none be made.
func (l *Lines) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	for c := range l.open {
		_ = c.Conn.Close() // whoever waits for it is told
	}
}

// mend lets connections be made again.
func (l *Lines) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = false
}
