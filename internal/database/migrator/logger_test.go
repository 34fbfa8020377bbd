package migrator_test

import (
	"context"
	"log/slog"
)

// loggerFunc is a logger that hands each message to f.
func loggerFunc(f func(message string)) *slog.Logger { return slog.New(handlerFunc(f)) }

type handlerFunc func(string)

func (handlerFunc) Enabled(context.Context, slog.Level) bool { return true }
func (h handlerFunc) Handle(_ context.Context, r slog.Record) error {
	h(r.Message)
	return nil
}
func (h handlerFunc) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h handlerFunc) WithGroup(string) slog.Handler      { return h }
