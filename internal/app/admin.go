package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/server"
)

// adminTimeout bounds each step of a request to the admin server.
const adminTimeout = 10 * time.Second

// listenAdmin binds the admin server; nil when there is to be none.
func listenAdmin(ctx context.Context, cfg config.Config) (net.Listener, error) {
	if cfg.Admin.Port == 0 && cfg.Admin.UnixSocket == "" {
		return nil, nil
	}
	ln, err := server.Listen(ctx, adminAddress(cfg))
	if err != nil {
		return nil, err
	}
	return ln, nil
}

// serveAdmin serves on ln, which may be nil, until the returned function is called.
func (a *App) serveAdmin(ln net.Listener) (stop func() error) {
	if ln == nil {
		return func() error { return nil }
	}
	s := &http.Server{
		Handler: server.Admin(server.AdminOptions{
			Live: a.live, Ready: a.ready, Metrics: a.metrics.Handler(), SchemaCache: a.schemaCache,
		}),
		ReadTimeout: adminTimeout, WriteTimeout: adminTimeout, IdleTimeout: time.Minute,
	}
	done := make(chan error, 1)
	go func() {
		err := s.Serve(ln)
		if !errors.Is(err, http.ErrServerClosed) {
			a.fail(fmt.Errorf("admin server: %w", err))
		}
		done <- nil
	}()
	return func() error {
		err := s.Close()
		<-done
		return err
	}
}

// live reports whether the API's listener accepts; with a socket file that
// someone deleted it does not.
func (a *App) live() bool {
	if path := a.settings.Load().Server.UnixSocket; path != "" {
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return a.server.Live()
}

// ready: requests can be served with a schema cache that is up to date, and those
// who send them can connect.
func (a *App) ready() server.Status {
	if a.server.Draining() || a.server.Full() || !a.reloader.Loaded() {
		return server.Pending
	}
	return server.Ready
}

// schemaCache is the size of the schema cache.
func (a *App) schemaCache() any {
	if cache := a.reloader.Cache(); cache != nil {
		return cache.Size()
	}
	return nil
}
