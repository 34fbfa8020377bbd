package observe

import (
	"context"
	"io"
	"log/slog"
	"strings"
)

// LevelNotice is for events that the operator sees at every log level: start, stop,
// recovery. It is all that is left at PostgREST's level "crit".
const LevelNotice = slog.LevelError + 4

// LogOptions says how the log looks.
type LogOptions struct {
	Writer io.Writer    // required
	Level  slog.Leveler // Info when nil; a *slog.LevelVar can be changed while running
	JSON   bool         // one JSON object a line instead of key=value
}

// NewLogger makes the log that everything shares. Lines written with a context
// that carries a request id name it.
func NewLogger(o LogOptions) *slog.Logger {
	if o.Level == nil {
		o.Level = slog.LevelInfo
	}
	ho := &slog.HandlerOptions{Level: o.Level, ReplaceAttr: tidy}
	var h slog.Handler = slog.NewTextHandler(o.Writer, ho)
	if o.JSON {
		h = slog.NewJSONHandler(o.Writer, ho)
	}
	return slog.New(requestHandler{h})
}

// ParseLevel reads PostgREST's names: crit, error, warn, info, debug. Anything
// else is error, PostgREST's default.
func ParseLevel(name string) slog.Level {
	switch name {
	case "crit":
		return LevelNotice
	case "warn":
		return slog.LevelWarn
	case "info":
		return slog.LevelInfo
	case "debug":
		return slog.LevelDebug
	default:
		return slog.LevelError
	}
}

// tidy blanks secrets and gives LevelNotice its name.
func tidy(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && len(groups) == 0 {
		if level, ok := a.Value.Any().(slog.Level); ok && level == LevelNotice {
			return slog.String(slog.LevelKey, "NOTICE")
		}
		return a
	}
	if secret(a.Key) {
		return slog.String(a.Key, "[redacted]")
	}
	return a
}

// secretKeys are parts of attribute names that must not be logged; read-only.
var secretKeys = []string{"authorization", "apikey", "api_key", "password", "secret", "token", "cookie", "jwt", "db_uri", "dsn", "claims"}

func secret(key string) bool {
	key = strings.ToLower(key)
	for _, s := range secretKeys {
		if strings.Contains(key, s) {
			return true
		}
	}
	return false
}

// requestHandler adds the context's request id.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}

type requestIDKey struct{}

// WithRequestID returns a context that carries id to the log.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// IsRequestID reports whether a context is asked by key for the id of a request: one that
// carries an id by itself answers with that, a string.
func IsRequestID(key any) bool { return key == requestIDKey{} }

// RequestID is the id that ctx carries, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
