package exec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
)

// largeMessage is the size from which a message of the server is not read as a
// whole, in bytes. The driver makes room for a message as soon as its size is
// announced, and one value may have a gigabyte.
const largeMessage = 256 << 10

// Guard has the connections of a pool that is to be made stop before large
// messages, so that an Executor can read them by pieces.
func Guard(c *pgxpool.Config) {
	c.ConnConfig.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, conn net.Conn) (net.Conn, error) {
		return &gate{Conn: conn}, nil
	}
}

// gate is the server's end of a connection. It follows the messages that the
// driver reads, and shows it none of the large ones: they are read by the caller
// that asks for the gate's own.
type gate struct {
	net.Conn
	reading sync.Mutex  // held by Read: the driver may have two readers while it closes
	armed   atomic.Bool // the reader knows about large messages; the driver may still read for an earlier writer
	skip    int         // bytes of the message under way that the driver is yet to read
	held    []byte      // read and not yet shown; begins with a message
	store   []byte      // its place
	ahead   int         // size of the large message that comes next; 0 = none
	left    int         // unread bytes of the one that is being read
}

// errLarge says that a large message comes next.
var errLarge = errors.New("a large message comes next")

// Read is the driver's.
func (g *gate) Read(p []byte) (int, error) {
	g.reading.Lock()
	defer g.reading.Unlock()
	for {
		if n := g.walk(g.held[:min(len(p), len(g.held))]); n > 0 {
			copy(p, g.held[:n])
			g.held = g.held[n:]
			return n, nil
		}
		if g.ahead > 0 {
			return 0, errLarge
		}
		before := copy(p, g.held) // a part of a header
		if before == len(p) {
			return 0, io.ErrShortBuffer
		}
		n, err := g.Conn.Read(p[before:])
		if n == 0 {
			return 0, err
		}
		all := p[:before+n]
		shown := g.walk(all)
		g.store = append(g.store[:0], all[shown:]...)
		if g.held = g.store; shown > 0 {
			return shown, nil
		}
	}
}

// headerSize is that of a message's type and length.
const headerSize = 5

// walk follows the messages in b and returns how much of it the driver may see:
// all up to a large message, or to a header that is not complete.
func (g *gate) walk(b []byte) (shown int) {
	for shown < len(b) {
		if g.skip == 0 {
			if len(b)-shown < headerSize {
				return shown
			}
			size := int(int32(binary.BigEndian.Uint32(b[shown+1:]))) - 4
			if size > largeMessage && g.armed.Load() {
				g.ahead = size
				return shown
			}
			g.skip = headerSize + max(0, size) // the driver refuses a message without a size
		}
		n := min(g.skip, len(b)-shown)
		g.skip -= n
		shown += n
	}
	return shown
}

// open begins to read the large message that comes next.
func (g *gate) open() *largeRow {
	m := &largeRow{kind: g.held[0], size: g.ahead}
	g.held, g.left, g.ahead = g.held[headerSize:], g.ahead, 0
	return m
}

// body reads the rest of the message that open began.
type body struct{ *gate }

func (b body) Read(p []byte) (n int, err error) {
	g := b.gate
	if g.left == 0 {
		return 0, io.EOF
	}
	p = p[:min(len(p), g.left)]
	if len(g.held) > 0 {
		n = copy(p, g.held)
		g.held = g.held[n:]
	} else {
		n, err = g.Conn.Read(p)
	}
	g.left -= n
	return n, err
}

// discard reads the rest of a large message.
func (g *gate) discard() error {
	if _, err := io.Copy(io.Discard, body{g}); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	return nil
}

// largeRow is a large message; its content is yet to be read.
type largeRow struct {
	kind byte
	size int
}

// Backend makes it a message of the server.
func (*largeRow) Backend() {}

// Decode is never called.
func (*largeRow) Decode([]byte) error { return errors.ErrUnsupported }

// Encode is never called.
func (*largeRow) Encode([]byte) ([]byte, error) { return nil, errors.ErrUnsupported }

// whole reads a large message as the driver would have.
func (g *gate) whole(m *largeRow) (pgproto3.BackendMessage, error) {
	content := make([]byte, m.size)
	if _, err := io.ReadFull(body{g}, content); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	var message pgproto3.BackendMessage
	switch m.kind {
	case 'D':
		message = &pgproto3.DataRow{}
	case 'T':
		message = &pgproto3.RowDescription{}
	case 'A':
		message = &pgproto3.NotificationResponse{}
	case 'S':
		message = &pgproto3.ParameterStatus{}
	default:
		return nil, fmt.Errorf("a message of type %q has %d bytes", m.kind, m.size)
	}
	if err := message.Decode(content); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return message, nil
}
