package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// api hands the request to the engine.
func (s *Server) api(x *exchange, path string) error {
	fctx := x.c.Context()
	if strings.HasPrefix(path, "/rpc/") {
		x.class = classRPC
	}
	var key string
	if s.o.APIKeys { // neither the grammar nor an answer is to see it
		key, x.query = takeKey(x.query)
	}
	req := x.request(&fctx.Request, path)
	if s.tellsWay() {
		req.Header = s.withWay(fctx, req.Header)
	}
	if len(req.Body) > 0 {
		client, _ := fctx.Conn().(*conn)
		req.Take = func(bytes int) error { return s.takeMore(client, bytes) }
	}
	ctx := s.requestContext(x)
	err := s.authenticate(ctx, x, req, key)
	if !s.admit(x) { // those who guess tokens are limited too, by their address
		ctx.release()
		return nil
	}
	if err != nil {
		ctx.release()
		return s.refuseToken(x, err)
	}
	x.engine = true
	res := s.o.Engine.Serve(ctx, req)
	x.taken = res.Taken
	if res.Status == fasthttp.StatusServiceUnavailable && res.Code != codeBusy {
		s.o.OnUnavailable()
	}
	if res.Stream == nil {
		defer ctx.release()
		s.respond(x, res)
		return nil
	}
	if x.method == "HEAD" {
		defer ctx.release()
		s.respond(x, res)
		_ = res.Stream(refusing{}) // it is to be called once, and ends at its first row
		return nil
	}
	s.stream(x, res, ctx.release)
	return nil
}

// call hands the request, authenticated as for the engine, to a mount.
func (s *Server) call(x *exchange, path string, to Call) error {
	var key string
	if s.o.APIKeys {
		key, x.query = takeKey(x.query)
	}
	req := x.request(&x.c.Context().Request, path)
	ctx := s.requestContext(x)
	defer ctx.release()
	err := s.authenticate(ctx, x, req, key)
	if !s.admit(x) {
		return nil
	}
	if err != nil {
		return s.refuseToken(x, err)
	}
	s.respond(x, to(ctx, req, x.address))
	return nil
}

// request copies the parts that fasthttp will reuse. All header text goes into one
// string; the fields are parts of it.
func (x *exchange) request(r *fasthttp.Request, path string) *postgrest.Request {
	var text strings.Builder
	text.Grow(len(r.Header.RawHeaders()))
	own := new(struct { // one piece of memory, for as many headers as most have
		req    postgrest.Request
		fields [16]postgrest.Field
	})
	fields := own.fields[:0]
	for name, value := range r.Header.AllInOrder() {
		start := text.Len()
		for _, c := range name {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			text.WriteByte(c)
		}
		middle := text.Len()
		text.Write(value)
		s := text.String()
		fields = append(fields, postgrest.Field{Name: s[start:middle], Value: s[middle:]})
	}
	own.req = postgrest.Request{Method: x.method, Path: path, RawQuery: x.query, Header: fields, Body: ownBody(r)}
	x.body = len(own.req.Body)
	return &own.req
}

// ownBody is the body, for good: fasthttp lends it. A large one is taken
// away, so that there are not two of it.
func ownBody(r *fasthttp.Request) []byte {
	switch size := len(r.Body()); {
	case size == 0:
		return nil
	case size > smallBody:
		return r.SwapBody(nil)
	default:
		return bytes.Clone(r.Body())
	}
}

// takeMore reserves memory for a body in its later form, on the connection that it
// came from.
func (s *Server) takeMore(client *conn, bytes int) error {
	switch {
	case client == nil || client.reserveMore(bytes):
		return nil
	case client.reserved.Load()+int64(bytes) > s.bodies.forLarge():
		return bodyTooLarge("It would take more than "+strconv.FormatInt(s.bodies.forLarge(), 10)+" bytes to serve it.", "romashka-body-memory")
	default:
		return s.noMemory()
	}
}

// authenticate fills in whom req runs as; key is the API key of the query.
func (s *Server) authenticate(ctx context.Context, x *exchange, req *postgrest.Request, key string) error {
	started := time.Now()
	var authorization, header string
	for _, f := range req.Header {
		switch f.Name {
		case "authorization":
			authorization = cmp.Or(authorization, f.Value)
		case keyName:
			header = cmp.Or(header, f.Value)
		}
	}
	c := s.credentials(x, authorization, header, key)
	who, err := s.o.Auth.Authenticate(ctx, c)
	if err != nil {
		return err
	}
	s.knows(x, who)
	if s.o.Sessions != nil && x.session.ID != "" && s.o.Sessions.Ended(x.session.ID) {
		return sessionEnded()
	}
	req.Role, req.Claims, req.Subject, req.Client = who.Role, who.Claims, who.Subject, x.client
	req.AuthTime = time.Since(started)
	return nil
}

func (s *Server) refuseToken(x *exchange, err error) error {
	refusal, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		return err
	}
	s.fail(x, refusal)
	return nil
}

// requestContext makes a context that ends with the deadline, the server, or
// the client's leaving. Its release must be called when the answer is complete.
func (s *Server) requestContext(x *exchange) *requestContext {
	c := &requestContext{Context: s.base, server: s, id: x.id}
	c.watch = watch{conn: x.c.Context().Conn(), since: x.started, on: c}
	if s.o.RequestTimeout > 0 {
		c.until = x.started.Add(s.o.RequestTimeout)
	}
	s.watcher.add(&c.watch)
	return c
}
