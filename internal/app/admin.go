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
	"github.com/romashka/sidecar/internal/observe"
	"github.com/romashka/sidecar/internal/server"
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
		return nil, fmt.Errorf("admin server: %w", err)
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

// live: the API's listener accepts; a socket file that someone deleted does not.
func (a *App) live() bool {
	if path := a.settings.Load().Server.UnixSocket; path != "" {
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return a.server.Live()
}

// ready: requests can be served with a picture that is up to date.
func (a *App) ready() server.Status {
	if a.server.Draining() || !a.reloader.Loaded() {
		return server.Pending
	}
	return server.Ready
}

// schemaCache is the size of the picture.
func (a *App) schemaCache() any {
	if cache := a.reloader.Cache(); cache != nil {
		return cache.Size()
	}
	return nil
}

// samples are what the parts count themselves: PostgREST's series, as far as
// they mean anything here, and ours.
func (a *App) samples() []observe.Sample {
	pool, tokens := a.pool.Stat(), a.auth.CacheStats()
	return []observe.Sample{
		{Name: "pgrst_db_pool_max", Kind: observe.Gauge, Help: "Max pool connections", Value: float64(pool.MaxConns())},
		{Name: "pgrst_db_pool_available", Kind: observe.Gauge, Help: "Available connections in the pool", Value: float64(pool.MaxConns() - pool.AcquiredConns())},
		{Name: "pgrst_db_pool_timeouts_total", Kind: observe.Counter, Help: "The total number of pool connection timeouts", Value: float64(pool.CanceledAcquireCount())},
		{Name: "pgrst_schema_cache_loads_total", Kind: observe.Counter, Help: "The total number of times the schema cache was loaded", Label: "status", LabelValue: "SUCCESS", Value: float64(a.loads.Load())},
		{Name: "pgrst_jwt_cache_requests_total", Kind: observe.Counter, Help: "The total number of JWT cache lookups", Value: float64(tokens.Lookups)},
		{Name: "pgrst_jwt_cache_hits_total", Kind: observe.Counter, Help: "The total number of JWT cache hits", Value: float64(tokens.Hits)},
		{Name: "pgrst_jwt_cache_evictions_total", Kind: observe.Counter, Help: "The total number of JWT cache evictions", Value: float64(tokens.Evictions)},
	}
}
