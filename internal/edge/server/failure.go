package server

import (
	"errors"
	"net"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// fail answers with err in PostgREST's shape.
func (s *Server) fail(x *exchange, err *apierr.Error) {
	s.respond(x, errorResponse(err, x.settings.Verbosity))
}

func errorResponse(err *apierr.Error, v apierr.Verbosity) *postgrest.Response {
	headers := err.Headers()
	res := &postgrest.Response{Status: err.Status, Reason: err.StatusText, Code: err.Code, Body: err.Body(v), Header: make([]postgrest.Field, len(headers))}
	for i, h := range headers {
		res.Header[i] = postgrest.Field{Name: h.Name, Value: h.Value}
	}
	return res
}

// refuse answers a request that could not be read. fasthttp closes the
// connection afterwards; it must linger, because the client may still be
// sending and would otherwise see a reset instead of the answer.
func (s *Server) refuse(fctx *fasthttp.RequestCtx, err error) {
	client, ok := fctx.Conn().(*conn)
	if ok {
		client.linger.Store(true)
	}
	c := s.app.AcquireCtx(fctx)
	defer s.app.ReleaseCtx(c)
	x := s.begin(c)
	defer func() {
		s.prepareRecord(x)
		s.end(x, fctx.Response.StatusCode())
	}()
	x.id = s.ids.take(nil)
	x.address = clientAddress(fctx, s.o.TrustedProxies)
	x.method, x.path = string(fctx.Method()), string(fctx.Path())
	s.cors(x.settings, s.exposed(""), &fctx.Request.Header, &fctx.Response.Header)
	if ok && client.starved || s.tooMuch(err, &fctx.Request.Header) {
		s.fail(x, s.noMemory())
		return
	}
	s.fail(x, s.refusal(err, !ok || client.lineDone))
}

// tooMuch reports whether a body is refused that would be read when fewer of
// them were.
func (s *Server) tooMuch(err error, h *fasthttp.RequestHeader) bool {
	return errors.Is(err, fasthttp.ErrBodyTooLarge) && h.ContentLength() <= s.o.BodyLimit && s.bodies.room() < s.o.BodyLimit
}

func (s *Server) noMemory() *apierr.Error {
	return busy("The bodies of all requests, and what is made of them, together take more than "+strconv.Itoa(s.o.BodyMemory)+" bytes.",
		"romashka-body-memory")
}

func (s *Server) refusal(err error, lineDone bool) *apierr.Error {
	var small *fasthttp.ErrSmallBuffer
	var netErr net.Error
	switch {
	case errors.As(err, &small) && !lineDone:
		return headersTooLarge(414, "The URL is too long", s.o.HeaderLimit)
	case errors.As(err, &small):
		return headersTooLarge(431, "The request line and headers are too large", s.o.HeaderLimit)
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return bodyTooLarge("The limit is "+strconv.Itoa(s.o.BodyLimit)+" bytes.", "romashka-body-limit")
	case errors.As(err, &netErr) && netErr.Timeout(), errors.Is(err, fasthttp.ErrTimeout):
		return late(s.o.ReadTimeout)
	default:
		return Unreadable("")
	}
}
