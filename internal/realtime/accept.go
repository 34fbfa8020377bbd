package realtime

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

// Reasons for which a socket is closed.
const (
	closeSlow   = websocket.StatusPolicyViolation
	closeSilent = websocket.StatusPolicyViolation
	closeShape  = websocket.StatusInvalidFramePayloadData
	closeAway   = websocket.StatusServiceRestart
)

// Pass makes a socket of the request and serves it to its end.
func (s *Service) Pass(ctx context.Context, p *server.Passage) server.Passed {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(p.Head)))
	if err != nil {
		return refuse(p, http.StatusBadRequest, "the head of the request is malformed")
	}
	query := r.URL.Query()
	version, ok := phoenix.ParseVersion(query.Get("vsn"))
	if !ok {
		return refuse(p, http.StatusBadRequest, "vsn must be 1.0.0 or 2.0.0")
	}
	key := query.Get("apikey")
	if key == "" {
		key = r.Header.Get("apikey")
	}
	if key == "" {
		return refuse(p, http.StatusUnauthorized, "No API key found in request")
	}
	who, err := s.o.Auth.Authenticate(ctx, auth.Credentials{APIKey: key})
	if err != nil {
		return refuse(p, http.StatusUnauthorized, "Invalid API key")
	}
	if s.sockets.Add(1) > int64(s.o.Limits.Sockets) {
		s.sockets.Add(-1)
		return refuse(p, http.StatusServiceUnavailable, "Too many connected users")
	}
	ws, below, err := accept(p, r)
	if err != nil {
		s.sockets.Add(-1)
		return server.Passed{Status: http.StatusBadRequest, Broken: true}
	}
	ws.SetReadLimit(int64(s.o.Limits.Frame))
	p.Unwatch() // reading tells when the client leaves
	k := &socket{s: s, ws: ws, held: below, version: version, who: who, ctx: ctx, cancel: p.Cancel, channels: map[string]*channel{}}
	p.Head, p.Header = nil, nil // nobody needs them any more
	return p.Last(func() server.Passed {
		s.serve(p, k)
		return server.Passed{Status: http.StatusSwitchingProtocols}
	})
}

// serve has a socket in the hub while it is read.
func (s *Service) serve(p *server.Passage, k *socket) {
	defer s.sockets.Add(-1)
	k.heard.Store(time.Now().UnixNano())
	s.hub.enter(k)
	defer k.ws.CloseNow() //nolint:errcheck // it may be closed
	defer k.cancel()
	defer s.hub.leave(k)
	defer p.OnClosing(func() { k.end(closeAway, "the server stops") })()
	k.read()
}

// read answers messages until the socket ends.
func (k *socket) read() {
	for {
		kind, frame, err := k.ws.Read(k.ctx)
		if err != nil {
			return
		}
		if !apart(func() bool { return k.hear(kind, frame) }) {
			<-k.ctx.Done() // the client is being told why
			return
		}
	}
}

// apart runs f on a goroutine of its own and waits for it: the stack of one that
// had to answer a message would stay as large while its socket waits.
func apart(f func() bool) (more bool) {
	fault := make(chan string, 1)
	go func() {
		defer func() {
			text := ""
			if r := recover(); r != nil {
				text = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
			fault <- text
		}()
		more = f()
	}()
	if text := <-fault; text != "" {
		panic(text) // the socket's alone, as the edge sees to
	}
	return more
}

// hear answers one frame, and reports whether more may follow.
func (k *socket) hear(kind websocket.MessageType, frame []byte) bool {
	k.heard.Store(time.Now().UnixNano())
	message, err := phoenix.Decode(k.version, kind == websocket.MessageBinary, frame)
	if err != nil {
		k.end(closeShape, err.Error())
		return false
	}
	if !k.spend(&message) {
		k.end(closeSlow, "Too many messages per second")
		return false
	}
	k.handle(&message)
	return true
}

// accept answers the handshake.
func accept(p *server.Passage, r *http.Request) (*websocket.Conn, *gathered, error) {
	u := &upgrade{p: p, header: p.Header.Clone(), held: &gathered{Conn: borrowed{p.Conn}}}
	// Tokens, not cookies, tell who a client is: any page may hold them.
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	return ws, u.held, err
}

// upgrade is the answer to a handshake, on a connection that was handed over.
type upgrade struct {
	p       *server.Passage
	header  http.Header
	held    *gathered
	written bool
}

func (u *upgrade) Header() http.Header { return u.header }

func (u *upgrade) WriteHeader(status int) {
	if u.written {
		return
	}
	u.written = true
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n")
	if status != http.StatusSwitchingProtocols {
		u.header.Set("Connection", "close")
	}
	_ = u.header.Write(&b)
	b.WriteString("\r\n")
	_, _ = u.p.Conn.Write(b.Bytes()) // a client that is gone is found out by the next read
}

func (u *upgrade) Write(body []byte) (int, error) {
	u.WriteHeader(http.StatusOK)
	return u.p.Conn.Write(body)
}

// Hijack gives the connection with buffers of their own: most sockets wait, and
// the usual ones take 8 kB of each. What is written is gathered below.
func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	const in, out = 256, 64 // bytes
	return u.held, bufio.NewReadWriter(bufio.NewReaderSize(u.held, in), bufio.NewWriterSize(u.held, out)), nil
}

// borrowed is a connection that its owner closes.
type borrowed struct{ net.Conn }

// Close ends all reading and writing.
func (b borrowed) Close() error { return b.SetDeadline(time.Unix(1, 0)) }

// refuse answers instead of a handshake.
func refuse(p *server.Passage, status int, reason string) server.Passed {
	body := []byte(`{"message":` + strconv.Quote(reason) + `}`)
	res := http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: p.Header.Clone(), Close: true,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	res.Header.Set("Content-Type", "application/json; charset=utf-8")
	if err := res.Write(p.Conn); err != nil && !errors.Is(err, net.ErrClosed) {
		return server.Passed{Status: status, Broken: true}
	}
	return server.Passed{Status: status, ContentType: res.Header.Get("Content-Type"), Sent: int64(len(body))}
}
