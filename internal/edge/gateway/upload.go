package gateway

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

var errStopped = errors.New("the exchange is over")

// upload is the client's body. The transport reads it on a goroutine of its
// own, possibly still while the answer is written, and possibly blocked when
// the exchange is over: stop waits until it is out.
type upload struct {
	x    *exchange
	body io.Reader
	conn net.Conn
	rest int64 // bytes to come; < 0 = unknown

	got    atomic.Int64 // bytes
	whole  atomic.Bool  // the end was reached
	ending atomic.Bool

	keeping sync.Mutex
	kept    []byte // the first bytes, Passage.Keep at most

	mu    sync.Mutex // held while reading
	fault error      // of the client

	interim  sync.Mutex // held while a head is written
	expected bool       // the client waits for 100 Continue
}

func newUpload(x *exchange) *upload {
	r := x.request
	return &upload{
		x: x, body: r.Body, conn: x.p.Conn, rest: r.ContentLength,
		expected: r.ProtoAtLeast(1, 1) && strings.EqualFold(r.Header.Get("Expect"), "100-continue"),
	}
}

// Read gives the next piece. Each must come within the upload time-out; the
// whole may take as long as it takes.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.ask(); err != nil {
		return 0, err
	}
	if err := u.conn.SetReadDeadline(time.Now().Add(u.x.g.o.UploadTimeout)); err != nil {
		return 0, err
	}
	if u.ending.Load() { // stop came before the deadline was set
		return 0, errStopped
	}
	n, err := u.body.Read(p)
	u.rest -= int64(n)
	u.got.Add(int64(n))
	u.keep(p[:n])
	switch {
	case err == io.EOF || u.rest == 0:
		u.whole.Store(true)
	case err != nil && !u.ending.Load():
		u.fault = err
	}
	return n, err
}

func (u *upload) keep(p []byte) {
	if u.x.p.Keep == 0 {
		return
	}
	u.keeping.Lock()
	defer u.keeping.Unlock()
	u.kept = append(u.kept, p[:min(len(p), u.x.p.Keep-len(u.kept))]...)
}

// ask sends 100 Continue before the first piece, unless the answer has begun.
// The transport begins to read when the upstream asks, or is silent.
func (u *upload) ask() error {
	u.interim.Lock()
	defer u.interim.Unlock()
	if u.ending.Load() {
		return errStopped
	}
	if !u.expected {
		return nil
	}
	u.expected = false
	_, err := io.WriteString(u.conn, "HTTP/1.1 100 Continue\r\n\r\n")
	return err
}

// answering keeps 100 Continue from coming after the answer's head. A client
// that still waits for it will send no body.
func (u *upload) answering() {
	u.interim.Lock()
	defer u.interim.Unlock()
	if u.expected {
		u.ending.Store(true)
	}
}

// Close is the transport's. The connection is not its to close.
func (u *upload) Close() error { return nil }

// stop ends the reading and waits until nobody reads.
func (u *upload) stop() {
	u.ending.Store(true)
	if u.whole.Load() {
		u.mu.Lock() // the last Read returns at once
		defer u.mu.Unlock()
		return
	}
	past := time.Unix(1, 0)
	if u.conn.SetReadDeadline(past) != nil {
		u.conn.Close()
	}
	u.mu.Lock()
	defer u.mu.Unlock()
}

// left reports whether the client went away before the body's end. Call it after
// stop, as refusal.
func (u *upload) left() bool {
	return errors.Is(u.fault, io.ErrUnexpectedEOF) || errors.Is(u.fault, syscall.ECONNRESET)
}

// refusal is the client's fault; nil when there is none, or when it left.
func (u *upload) refusal() *apierr.Error {
	var slow net.Error
	switch {
	case u.fault == nil, u.left():
		return nil
	case errors.As(u.fault, &slow) && slow.Timeout():
		return server.Unreadable("The body did not arrive in time.")
	default:
		return server.Unreadable("The body is malformed.")
	}
}
