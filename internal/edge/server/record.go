package server

import (
	"cmp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// serviceRole needs no subject to be somebody.
const serviceRole = "service_role"

// Recorder gets each request when its answer is complete; apilog.Writer satisfies it. It must not block, and not keep
// e. Health probes and preflights are left out: they say nothing about a client, and there are many of them.
type Recorder interface {
	Record(e *apilog.Entry)
}

// entries are those that were recorded, to be used again.
var entries = sync.Pool{New: func() any { return new(apilog.Entry) }}

// prepareRecord copies the parts for the record of x that fasthttp will reuse.
func (s *Server) prepareRecord(x *exchange) {
	fctx := x.c.Context()
	if s.o.Tracer != nil {
		x.parent = string(fctx.Request.Header.Peek("Traceparent"))
	}
	if x.preflight || x.quiet {
		return
	}
	s.sight(x)
	if s.o.Recorder == nil {
		return
	}
	req, res := &fctx.Request.Header, &fctx.Response
	var of copies
	of.text.Grow(256) // as long as they usually are together
	x.record = entries.Get().(*apilog.Entry)
	*x.record = apilog.Entry{
		Time: x.started, Method: x.method, Endpoint: x.path, Role: x.role, Subject: x.subject, Address: x.address,
		Size: requestSize(x), Limited: x.limited, Blocked: x.blocked, Credential: x.credential, Session: x.session.ID,
		Visitor: x.subject == "" && x.role != serviceRole,
		Request: apilog.Headers{
			UserAgent: of.bytes(req.UserAgent()), Origin: of.bytes(req.Peek("Origin")), Referer: of.bytes(req.Peek("Referer")),
			ContentType: of.bytes(req.ContentType()), ContentLength: of.bytes(req.Peek("Content-Length")),
			ClientInfo: of.bytes(req.Peek("X-Client-Info")),
		},
		Response: apilog.Headers{ContentType: of.bytes(res.Header.ContentType())},
	}
	if s.trusted(fctx) { // others may say that they are elsewhere
		x.record.Request.Country = of.bytes(req.Peek("Cf-Ipcountry"))
	}
	if x.sent == 0 && !res.IsBodyStream() && res.Header.ContentLength() != toTheEnd {
		x.sent = int64(len(res.Body())) // made by a mount
	}
	x.noteSignIn()
}

// copies makes strings that share one piece of memory.
type copies struct{ text strings.Builder }

func (c *copies) bytes(b []byte) string {
	start := c.text.Len()
	c.text.Write(b)
	return c.text.String()[start:]
}

// requestSize is bytes of headers and body; of a body without a stated length,
// the bytes of it that were read.
func requestSize(x *exchange) int {
	req := x.c.Request()
	size := len(req.Header.RawHeaders())
	if n := req.Header.ContentLength(); n >= 0 {
		return size + n
	}
	if req.IsBodyStream() {
		return size
	}
	return size + max(x.body, len(req.Body()))
}

// report hands the finished request to metrics, traces and the API log.
func (s *Server) report(x *exchange, status int, took time.Duration) {
	s.metrics.End(observe.Request{Route: x.class, Role: x.role, Status: status, Took: took})
	s.metrics.Stages(x.taken[:])
	if s.o.Tracer != nil && !x.quiet {
		s.trace(x, status, took)
	}
	s.seen(x, status)
	if x.record != nil {
		x.record.Status, x.record.Took = status, took
		x.record.Response.ContentLength = cmp.Or(x.record.Response.ContentLength, strconv.FormatInt(x.sent, 10))
		s.o.Recorder.Record(x.record)
		*x.record = apilog.Entry{} // no credential stays
		entries.Put(x.record)
		x.record = nil
	}
}

func (s *Server) trace(x *exchange, status int, took time.Duration) {
	span := &observe.Span{
		Started: x.started, Took: took, Parent: x.parent, Method: x.method, Path: x.shownPath(), Route: x.class,
		RequestID: x.id, Role: x.role, Code: x.code, Status: status, Stages: x.taken[:],
	}
	if x.open == nil {
		s.o.Tracer.Record(span)
		return
	}
	x.open.End(span)
}
