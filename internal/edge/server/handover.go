package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Passer answers requests that it gets with their connection, read up to the
// end of the head and no further: bodies without a limit, streams without an
// end, changes of protocol. gateway.Gateway satisfies it.
type Passer interface {
	// Pass answers p and returns when there is nothing left to send. It leaves
	// p.Conn open, and alone afterwards. ctx ends with the server and, until
	// p.Unwatch, with the client's leaving; it has no deadline.
	Pass(ctx context.Context, p *Passage) Passed
}

// Passage is a request that is handed over.
type Passage struct {
	Conn      net.Conn // gives the bytes behind the head; takes the answer
	Head      []byte   // request line and headers as they were sent, with the empty line
	Path      string   // as sent, without a scheme and host before it
	RawQuery  string
	RequestID string
	// Header holds the edge's headers of every answer: CORS, the request id.
	Header http.Header
	// Keep is how many bytes of either body Passed is to have; 0 for most.
	Keep int

	unwatch  func() bool
	half     func() error
	cancel   context.CancelFunc
	last     func() Passed
	over     atomic.Pointer[apierr.Error]
	follow   func(session string)
	closing  context.Context //nolint:containedctx // the context that OnClosing waits for
	toTheEnd bool            // the client knows no chunks: a body may end with the connection
}

// Cancel ends the context that Pass got.
func (p *Passage) Cancel() { p.cancel() }

// Over says why the passage was ended here while the client is still there: its session
// has ended, or its address is refused. nil: it was not. An answer that has not begun is
// to say so; whether the upstream has done what was asked is not known then.
func (p *Passage) Over() *apierr.Error { return p.over.Load() }

// end ends the passage for a reason that its client is to know.
func (p *Passage) end(why *apierr.Error) {
	p.over.CompareAndSwap(nil, why)
	p.cancel()
}

// Follow ends the passage when a session does of which the client has shown a
// token on the way: Realtime's come in messages. The last one that it showed counts.
// It is for one goroutine.
func (p *Passage) Follow(session string) {
	if p.follow != nil {
		p.follow(session)
	}
}

// Follows reports whether Follow does anything.
func (p *Passage) Follows() bool { return p.follow != nil }

// OnClosing runs f, on a goroutine of its own, when the server begins to shut
// down: an exchange without an end of its own should end then. stop keeps f from running.
func (p *Passage) OnClosing(f func()) (stop func() bool) { return context.AfterFunc(p.closing, f) }

// Unwatch ends the watch on the client: from now on reading Conn ends when it
// leaves.
func (p *Passage) Unwatch() { p.unwatch() }

// Last has f end the passage in place of Pass, which is to return what Last returns: f
// runs on a goroutine of its own, whose stack is as small as f needs. For a
// passage that waits for hours behind a handshake.
func (p *Passage) Last(f func() Passed) Passed {
	p.last = f
	return Passed{}
}

// CloseWrite says to the client that nothing more comes, while Conn is read on.
func (p *Passage) CloseWrite() error { return p.half() }

// Passed says how a Passage ended.
type Passed struct {
	Status int    // of the answer; 0 = none
	Code   string // of an error that was made here
	Broken bool   // the answer was broken off

	Received      int64  // bytes of the request's body
	ContentType   string // of the answer, like the next
	ContentLength string
	Sent          int64  // bytes of the answer's body
	ErrorCode     string // from a header of Supabase Auth

	// Asked and Answered are the first bytes of either body, Passage.Keep at most.
	Asked, Answered []byte

	// Reusable says that the next request may follow on Conn; Unread holds the bytes
	// of it that were read, and is the server's to keep.
	Reusable bool
	Unread   []byte
}

// maskBody makes fasthttp leave the body of a request that is to be handed
// over where it is. It sees each request between its head and its body. Should
// the request be answered here after all, the connection ends with it: the
// bytes that follow are a body, and must not be read as a request.
func (s *Server) maskBody(h *fasthttp.RequestHeader) {
	const none = -2 // neither Content-Length nor Transfer-Encoding
	if n := h.ContentLength(); n != none && n != 0 && s.passes(h) {
		h.SetContentLength(0)
		h.Del("Expect") // or fasthttp would ask for the body by itself
		h.SetConnectionClose()
	}
}

// passes reports whether the request is to be handed over.
func (s *Server) passes(h *fasthttp.RequestHeader) bool {
	var x exchange
	if !x.readTarget(h) {
		return false
	}
	r, _ := s.find(x.method, x.path, h)
	return r != nil && r.hands
}

// handOver takes the connection out of fasthttp's hands when the handler has
// returned.
func (s *Server) handOver(x *exchange, to Passer) error {
	fctx := x.c.Context()
	c, ok := fctx.Conn().(*conn)
	if !ok {
		return fmt.Errorf("BUG: connection is a %T", fctx.Conn())
	}
	s.passages.Add(1)
	x.streaming, c.handed = true, true
	p := &Passage{
		Head: head(&fctx.Request.Header), Path: x.path, RawQuery: x.query, RequestID: x.id,
		Header: edgeHeader(&fctx.Response.Header), closing: s.closing, toTheEnd: !fctx.Request.Header.IsHTTP11(),
	}
	if s.o.Recorder != nil && signsIn(x.method, x.path) {
		p.Keep = signInBody
	}
	fctx.HijackSetNoResponse(true)
	fctx.Hijack(func(rest net.Conn) {
		p.Conn = lent{rest}
		go s.pass(x, to, p, c) // behind its return fasthttp has the memory of the request for others
	})
	return nil
}

// lent is a connection that the server closes.
type lent struct{ net.Conn }

// Close does nothing.
func (lent) Close() error { return nil }

// head writes the request's head as it came.
func head(h *fasthttp.RequestHeader) []byte {
	line, headers := h.RequestURI(), h.RawHeaders()
	b := make([]byte, 0, len(h.Method())+len(line)+len(" HTTP/1.1\r\n ")+len(headers))
	b = append(append(b, h.Method()...), ' ')
	b = append(append(b, line...), ' ')
	b = append(append(b, h.Protocol()...), '\r', '\n')
	return append(b, headers...)
}

// edgeHeader copies the headers that the edge has put on the answer so far.
func edgeHeader(h *fasthttp.ResponseHeader) http.Header {
	fields := make(http.Header)
	for name, value := range h.All() {
		switch key := http.CanonicalHeaderKey(string(name)); key {
		case "Content-Length", "Content-Type", "Connection", "Date", "Server":
		default:
			fields.Add(key, string(value))
		}
	}
	return fields
}

// pass answers p, and closes c.
func (s *Server) pass(x *exchange, to Passer, p *Passage, c *conn) {
	ctx, w := s.passContext(x, c)
	x.open = s.o.Tracer.Begin(&observe.Span{Started: x.started, Parent: x.parent, Method: x.method, Route: x.class})
	ctx = x.open.In(ctx)
	p.cancel, p.unwatch, p.half = w.on.cancelRequest, func() bool { return s.watcher.remove(w) }, c.CloseWrite
	unfollow := func() {}
	if s.o.Sessions != nil {
		unfollow = s.followSessions(x, p)
	}
	spare := s.cutWhenBlocked(x, func() { p.end(addressBlocked()) })
	end := func(done Passed) {
		if p.unwatch() {
			s.log.LogAttrs(ctx, slog.LevelDebug, "client left before its answer")
		}
		p.cancel()
		x.passed(&done)
		s.end(x, done.Status)
		s.giveBack(c, p, done)
		spare()
		unfollow()
		c.Close()
	}
	done := s.passing(x, func() Passed { return to.Pass(ctx, p) })
	if p.last == nil {
		end(done)
		return
	}
	go func() { end(s.passing(x, p.last)) }()
}

// passing runs a part of a passage. A panic ends the passage alone.
func (s *Server) passing(x *exchange, f func() Passed) (done Passed) {
	defer func() {
		if r := recover(); r != nil {
			s.metrics.Panic()
			s.log.LogAttrs(s.base, slog.LevelError, "panic while passing on", slog.String("request_id", x.id),
				slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
			done = Passed{Status: fasthttp.StatusInternalServerError, Broken: true}
		}
	}()
	return f()
}

// passed takes the Passer's figures for the access line and the API log.
func (x *exchange) passed(done *Passed) {
	x.code, x.broken, x.sent = done.Code, done.Broken, done.Sent
	if x.record != nil {
		if done.Received > 0 { // the head was changed by maskBody
			x.record.Size += int(done.Received)
			x.record.Request.ContentLength = strconv.FormatInt(done.Received, 10)
		}
		x.record.Response = apilog.Headers{ContentType: done.ContentType, ContentLength: done.ContentLength, ErrorCode: done.ErrorCode}
		x.readSignIn(done.Status, done.Asked, done.Answered)
	}
}

// linger lets the answer reach a client that is still sending a body that will not be
// read.
func (x *exchange) linger() {
	if c, ok := x.c.Context().Conn().(*conn); ok {
		c.linger.Store(true)
	}
}

// giveBack ends fasthttp's use of c: it is served
// again, as another conn, or closed in good order.
func (s *Server) giveBack(c *conn, p *Passage, done Passed) {
	again := done.Reusable && !s.stopping.Load()
	var rest []byte
	if again {
		rest, again = unread(p, done.Unread)
	}
	c.onClose = func() {
		defer s.passages.Done()
		if again {
			go s.app.Server().ServeConn(c.renew(rest)) //nolint:errcheck // fasthttp counts it, and the errors are the client's
			return
		}
		half := p.toTheEnd && done.Broken
		if half {
			reset(c) // or half a body would look whole
		}
		c.linger.Store(done.Status != 0 && !half && !s.stopping.Load())
		c.Close()
	}
}

// unread adds to first the bytes that fasthttp has read of the connection beyond the
// request. Behind a deadline in the past only its buffer answers.
func unread(p *Passage, first []byte) (rest []byte, ok bool) {
	if p.Conn.SetReadDeadline(time.Unix(1, 0)) != nil {
		return nil, false
	}
	rest = first
	for {
		n, err := p.Conn.Read(p.Head) // which nobody needs any more
		rest = append(rest, p.Head[:n]...)
		if err != nil {
			return rest, errors.Is(err, os.ErrDeadlineExceeded) && p.Conn.SetReadDeadline(time.Time{}) == nil
		}
	}
}

// endless is a watched request without a deadline.
type endless context.CancelFunc

func (e endless) cancelRequest()        { e() }
func (e endless) expire(time.Time) bool { return false }

// passContext makes a context that ends with the server or, while w is on, the
// client.
func (s *Server) passContext(x *exchange, c *conn) (ctx context.Context, w *watch) {
	ctx, cancel := context.WithCancel(observe.WithRequestID(s.base, x.id))
	w = &watch{conn: c, since: x.started, on: endless(cancel)}
	s.watcher.add(w)
	return ctx, w
}

// waitPassages waits until nothing is handed over any more, or ctx ends.
func (s *Server) waitPassages(ctx context.Context) error {
	none := make(chan struct{})
	go func() {
		s.passages.Wait()
		close(none)
	}()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
