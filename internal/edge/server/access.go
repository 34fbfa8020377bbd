package server

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func (s *Server) begin(c *fiber.Ctx) *exchange {
	s.metrics.Begin()
	return &exchange{c: c, settings: s.settings.Load(), started: time.Now(), class: classNone}
}

// shownPath is the path as log and traces have it. Clients may send some that
// fill a disk.
func (x *exchange) shownPath() string {
	const most = 2 << 10 // bytes, as in the API log
	if len(x.path) <= most {
		return x.path
	}
	return x.path[:most] + "..."
}

// end calls the observers of the request, and writes its access line: Info, Warn from 400, Error from 500, so that the
// levels are those of PostgREST's log-level. Preflights are Debug: PostgREST does not log them. A path that nothing serves
// here is Info.
func (s *Server) end(x *exchange, status int) {
	took := time.Since(x.started)
	s.wrote(x)
	s.report(x, status, took)
	level := slog.LevelInfo
	switch {
	case x.preflight, x.quiet && status < 500:
		level = slog.LevelDebug
	case status >= 500:
		level = slog.LevelError
	case x.unserved && status == fasthttp.StatusNotFound:
	case status >= 400:
		level = slog.LevelWarn
	}
	if !s.log.Enabled(s.base, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", x.method), slog.String("path", x.shownPath()), slog.Int("status", status),
		slog.String("role", x.role), slog.String("code", x.code), slog.Float64("dur_ms", float64(took.Microseconds())/1000),
	}
	if x.rows > 0 {
		attrs = append(attrs, slog.Int64("rows", x.rows))
	}
	if x.broken {
		attrs = append(attrs, slog.Bool("broken", true))
	}
	s.log.LogAttrs(s.base, level, "request", attrs...)
}
