package server

import (
	"context"
	"strings"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest"
)

// pages hands a browser's request to a mount: with the role and the claims of
// the token in its cookies, or with neither where there is none that is good.
func (s *Server) pages(x *exchange, path string, to *Pages) error {
	fctx := x.c.Context()
	req := x.request(&fctx.Request, path)
	ctx := s.requestContext(x)
	s.recognize(ctx, x, req, to.Bearer(cookies(req.Header)))
	if s.blocked(x) || !s.admit(x) {
		ctx.release()
		return nil
	}
	res := to.Call(ctx, req, x.address)
	// A file that a page fetches by itself says nothing of its reader, and a stream
	// lasts.
	x.quiet = res.Stream != nil || strings.HasPrefix(path, "/static/")
	if res.Stream == nil {
		defer ctx.release()
		s.respond(x, res)
		return nil
	}
	s.stream(x, res, ctx.release)
	return nil
}

// recognize fills in whom the request runs as, where its token is good and its
// session has not ended.
func (s *Server) recognize(ctx context.Context, x *exchange, req *postgrest.Request, token string) {
	if token == "" {
		return
	}
	who, err := s.o.Auth.Authenticate(ctx, auth.Credentials{Authorization: "Bearer " + token})
	if err != nil || !who.Authenticated || who.Subject == "" {
		return
	}
	if s.o.Sessions != nil && who.Session.ID != "" && s.o.Sessions.Ended(who.Session.ID) {
		return
	}
	x.role, x.subject, x.session = who.Role, who.Subject, who.Session
	req.Role, req.Claims, req.Subject = who.Role, who.Claims, who.Subject
}

// cookies are the cookies of a request as one header has them.
func cookies(fields []postgrest.Field) string {
	var all []string
	for _, f := range fields {
		if f.Name == "cookie" {
			all = append(all, f.Value)
		}
	}
	return strings.Join(all, "; ")
}
