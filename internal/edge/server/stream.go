package server

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"

	"github.com/molecule-man/go-brrr"

	"github.com/romashka/sidecar/internal/postgrest"
)

// stream sends the answer while the engine writes it. Bytes that the engine writes
// at once reaches the client at once. An error of the engine breaks the
// connection off, so that half a body does not look whole.
func (s *Server) stream(x *exchange, res *postgrest.Response, release func()) {
	s.writeHead(x, res)
	coding := x.negotiate(x.settings.CompressFrom) // its size is unknown: enough
	if coding != identity {
		x.c.Response().Header.SetContentEncoding(string(coding))
	}
	client, ok := x.c.Context().Conn().(*conn)
	if ok && res.Holds != nil {
		client.streams(res.Holds)
	}
	if !x.c.Request().Header.IsHTTP11() {
		defer release()
		s.streamToEnd(x, res, coding)
		return
	}
	x.streaming = true
	x.c.Response().SetBodyStream(&streamBody{
		write: func(w io.Writer) error { return s.produce(x, res, w, coding) },
		finish: func() {
			if ok {
				client.streams(nil)
			}
			release()
			s.end(x, res.Status)
		},
	}, -1)
}

// streamToEnd streams to a client of HTTP/1.0, which knows no chunks: the body
// ends with the connection. fasthttp always sends a stream in chunks, so the
// answer is written past it, before the handler returns.
func (s *Server) streamToEnd(x *exchange, res *postgrest.Response, c coding) {
	fctx := x.c.Context()
	h := &fctx.Response.Header
	h.SetServer(serverHeader(s.o.Version))
	h.SetContentLength(toTheEnd)
	fctx.HijackSetNoResponse(true)
	fctx.Hijack(func(rest net.Conn) { _ = rest.Close() }) // the client has all, or is gone
	client := fctx.Conn()
	if _, err := client.Write(h.Header()); err != nil {
		x.broken = true
		_ = res.Stream(refusing{}) // it is to be called once
		return
	}
	if s.produce(x, res, client, c) != nil {
		reset(client) // or half a body would look whole
	}
}

// toTheEnd is fasthttp's Content-Length of a body that ends with the connection.
const toTheEnd = -2

// reset makes the next Close of a connection a broken one.
func reset(client net.Conn) {
	if c, ok := client.(*conn); ok {
		client = c.Conn
	}
	if tcp, ok := client.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a connection that is gone already needs none
	}
}

// produce runs the engine's writer; a panic in it is an error like another.
// The exchange's Fiber context is gone by now.
func (s *Server) produce(x *exchange, res *postgrest.Response, w io.Writer, c coding) (err error) {
	client := &clientWriter{w: w}
	defer func() {
		if p := recover(); p != nil {
			s.metrics.Panic()
			err = fmt.Errorf("panic: %v", p)
			s.log.LogAttrs(s.base, slog.LevelError, "panic while streaming", slog.String("request_id", x.id),
				slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
		x.broken = err != nil
		if err != nil && client.err == nil { // ours, not the client's leaving
			s.log.LogAttrs(s.base, slog.LevelError, "answer broken off", slog.String("request_id", x.id), slog.Any("err", err))
		}
	}()
	out, err := encoder(client, c)
	if err != nil {
		return fmt.Errorf("start compression: %w", err)
	}
	counted := &counter{w: out}
	defer func() { x.sent = counted.n }()
	if err := res.Stream(counted); err != nil {
		return err
	}
	return out.Close()
}

// counter counts the bytes that pass.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// streamBody is the body that fasthttp reads a stream from. It calls WriteTo on the
// connection's goroutine, each write becoming a chunk that is flushed, and
// Close in any case.
type streamBody struct {
	write  func(io.Writer) error
	finish func()
	size   int64 // bytes, where they are known
}

// SupportsBodyWriteTo lets fasthttp prefer WriteTo over Read.
func (*streamBody) SupportsBodyWriteTo() bool { return true }

func (b *streamBody) WriteTo(w io.Writer) (int64, error) { return b.size, b.write(w) }

// Read is never called: fasthttp asks SupportsBodyWriteTo first.
func (*streamBody) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

func (b *streamBody) Close() error {
	b.finish()
	return nil
}

// clientWriter remembers that the client would take no more.
type clientWriter struct {
	w   io.Writer
	err error
}

func (c *clientWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil {
		c.err = err
	}
	return n, err
}

// encoder compresses towards w and flushes after each write.
func encoder(w io.Writer, c coding) (io.WriteCloser, error) {
	switch c {
	case gzipped:
		z, err := gzip.NewWriterLevel(w, gzipLevel)
		return flushing{z}, err
	case brotlied:
		z, err := brrr.NewWriter(w, brotliLevel)
		return flushing{z}, err
	default:
		return plain{w}, nil
	}
}

type compressor interface {
	io.WriteCloser
	Flush() error
}

type flushing struct{ compressor }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.compressor.Write(p)
	if err == nil {
		err = f.Flush()
	}
	return n, err
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// refusing takes nothing.
type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
