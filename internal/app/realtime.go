package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/realtime"
)

// live is Realtime and its parts; all nil where a Supabase project serves it, or
// nobody.
type live struct {
	service        *realtime.Service
	readers, owner *pgxpool.Pool
}

// buildRealtime makes Realtime where the settings want it here.
func (a *App) buildRealtime(cfg config.Config) error {
	switch {
	case cfg.Realtime == config.RealtimeOff, cfg.Realtime == config.RealtimeAuto && (!cfg.SupabaseMode() || cfg.Supabase.URL != "" || cfg.DB.BackgroundURI == ""):
		return nil
	case cfg.DB.BackgroundURI == "":
		return errors.New("romashka-realtime is on, and romashka-db-background-uri, as whose role changes are followed, is not set")
	}
	var err error
	if a.realtime.owner, err = BackgroundPool(cfg, "romashka realtime"); err != nil {
		return err
	}
	if a.realtime.readers, err = a.readerPool(cfg); err != nil {
		return err
	}
	o := realtime.Options{
		Auth: a.auth, Readers: a.realtime.readers, Owner: a.realtime.owner, URL: string(cfg.DB.BackgroundURI), Setting: "romashka-db-background-uri",
		Logger: a.log, SearchPath: searchPath(cfg),
	}
	if a.sessions != nil {
		o.Sessions = a.sessions
	}
	a.realtime.service, err = realtime.New(o)
	return err
}

// searchPath is that of the API's requests.
func searchPath(cfg config.Config) string {
	var names []string
	for _, name := range append(append([]string{}, cfg.DB.Schemas[:min(1, len(cfg.DB.Schemas))]...), cfg.DB.ExtraSearchPath...) {
		names = append(names, pgx.Identifier{name}.Sanitize())
	}
	return strings.Join(names, ", ")
}

// readerPool makes the few connections on which changes are looked at as those
// who may see them: others than the requests', so that neither waits.
func (a *App) readerPool(cfg config.Config) (*pgxpool.Pool, error) {
	const most = 4
	c, err := pgxpool.ParseConfig(string(cfg.DB.URI))
	if err != nil { // its text repeats most of the URI
		return nil, errors.New("db-uri cannot be read; example: postgres://authenticator:...@host:5432/postgres")
	}
	c.MaxConns, c.MinConns, c.MinIdleConns = most, 0, 0
	c.PingTimeout = pingTimeout
	_, pooled := service.Prepare(c.ConnConfig, "romashka realtime")
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if pooled || a.pooled || cfg.DB.Statements == config.Unnamed {
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c) // the context is for connecting, which it does not
	if err != nil {
		return nil, fmt.Errorf("make the pool of realtime: %w", err)
	}
	return pool, nil
}

func (l *live) mounts() []server.Mount {
	if l.service == nil {
		return nil
	}
	return l.service.Mounts()
}

func (l *live) start(ctx context.Context) error {
	if l.service == nil {
		return nil
	}
	return l.service.Start(ctx)
}

func (l *live) stop() {
	if l.service != nil {
		l.service.Stop()
	}
}

// close ends all that New has made; it may be called twice.
func (l *live) close() {
	for _, pool := range []*pgxpool.Pool{l.readers, l.owner} {
		if pool != nil {
			pool.Close()
		}
	}
}

// samples are zero where Realtime is not served here.
func (l *live) samples() []observe.Sample {
	var s realtime.Stats
	if l.service != nil {
		s = l.service.Stats()
	}
	return []observe.Sample{
		gauge("romashka_realtime_sockets", "Clients that are connected to Realtime.", float64(s.Sockets)),
		gauge("romashka_realtime_channels", "Channels that they have joined.", float64(s.Channels)),
		gauge("romashka_realtime_waiting_changes", "Changes of tables that wait to be checked and sent.", float64(s.Waiting)),
	}
}
