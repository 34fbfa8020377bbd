package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
)

func (a *App) newReloader(cfg config.Config) (*catalog.Reloader, error) {
	load, listen, err := connectors(cfg)
	if err != nil {
		return nil, err
	}
	s := catalog.Settings{
		Connect: a.orFail(load), Listen: listen, Options: catalogOptions(cfg), Logger: a.log, Configure: a.configure,
		OnFail: a.loadFailed, OnLoad: a.loaded,
	}
	if cfg.DB.ChannelEnabled {
		s.Channel = cfg.DB.Channel
	}
	return catalog.NewReloader(s)
}

// orFail ends the App where the first schema cache cannot be loaded now or later.
func (a *App) orFail(connect catalog.Connect) catalog.Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		conn, err := connect(ctx)
		if _, pooled := errors.AsType[*service.PoolerError](err); pooled && a.reloader.Cache() == nil {
			a.fail(err)
		}
		return conn, err
	}
}

// connectors are the ways for the schema cache. Notifications need the direct
// connection. Loading prefers it; but the schema cache shows the rights of the role that
// serves, so it must be the same role.
func connectors(cfg config.Config) (load, listen catalog.Connect, err error) {
	const name, mode = "romashka catalog", pgx.QueryExecModeDescribeExec // each statement runs once
	serving, err := service.New(service.Options{URI: string(cfg.DB.URI), Setting: "db-uri", Name: name, Mode: mode})
	if err != nil {
		return nil, nil, err
	}
	direct := serving
	if cfg.DB.DirectURI != cfg.DB.URI {
		direct, err = service.New(service.Options{URI: string(cfg.DB.DirectURI), Setting: "romashka-db-direct-uri", Name: name, Mode: mode})
		if err != nil {
			return nil, nil, err
		}
	}
	if serving.User() == direct.User() {
		serving = direct
	}
	load = func(ctx context.Context) (*pgx.Conn, error) { return serving.Connect(ctx, service.Transaction) }
	listen = func(ctx context.Context) (*pgx.Conn, error) {
		conn, err := direct.Connect(ctx, service.Session)
		if _, pooled := errors.AsType[*service.PoolerError](err); pooled {
			return nil, fmt.Errorf("%w: %w", catalog.ErrDeaf, err)
		}
		return conn, err
	}
	return load, listen, nil
}

// configure reads the settings again and hands them to whom they concern. The
// reloader calls it when a load begins. On an error everything stays as it was.
func (a *App) configure(ctx context.Context) (catalog.Options, error) {
	old := *a.settings.Load()
	next, err := a.readSettings(ctx, old)
	if err != nil {
		return catalog.Options{}, a.failIfFatal(service.Conceal(err, "db-uri", a.pool.Config().ConnConfig))
	}
	if !a.configured {
		if err := a.checkAnonRole(ctx, next); err != nil {
			return catalog.Options{}, err
		}
	}
	if a.configured {
		var changed []string
		if next, changed = next.KeepFixed(old); len(changed) > 0 {
			a.log.LogAttrs(ctx, slog.LevelWarn, "settings that need a restart were changed", slog.String("settings", strings.Join(changed, " ")))
		}
	}
	if err := a.auth.Reload(authOptions(next, a.log)); err != nil {
		return catalog.Options{}, err
	}
	a.engine.Configure(a.engineSettings(next))
	a.server.Apply(serverSettings(next))
	a.level.Set(observe.ParseLevel(string(next.Log.Level)))
	a.settings.Store(&next)
	a.configured = true
	return catalogOptions(next), nil
}

// readSettings reads the settings of file, environment, flags and database now. The
// first time file and environment were just read.
func (a *App) readSettings(ctx context.Context, old config.Config) (config.Config, error) {
	next := old
	if a.configured {
		var err error
		if next, err = old.Reload(); err != nil {
			return config.Config{}, err
		}
	}
	if !next.DB.Config {
		return next, a.pool.Ping(ctx)
	}
	rows, err := config.ReadDatabase(ctx, a.pool, next.DB.PreConfig)
	if err != nil {
		return config.Config{}, err
	}
	return config.FromDatabase(next, rows)
}

// failIfFatal ends the App where waiting is of no use or not wanted: the database
// refuses the login or a parameter of the connection string, or no recovery is
// allowed. err comes back as it is.
// Source: PostgREST 16, "Connection Pool", fatal errors.
func (a *App) failIfFatal(err error) error {
	var refusal *pgconn.PgError
	if !a.configured && errors.As(err, &refusal) && (refusal.Code == pgerrcode.InvalidPassword || refusal.Code == pgerrcode.InvalidAuthorizationSpecification) {
		a.fail(fmt.Errorf("log in to the database: %s (SQLSTATE %s)", refusal.Message, refusal.Code))
	} else if refused := refusedParameter(err); !a.configured && refused != nil {
		a.fail(refused)
	} else if !a.settings.Load().DB.PoolAutoRecovery {
		a.fail(fmt.Errorf("db-pool-automatic-recovery is off: %w", err))
	}
	return err
}

// unavailable is called at each answer 503.
func (a *App) unavailable() {
	if a.reloader.Cache() == nil {
		return // still starting; the loader is at it
	}
	if cfg := a.settings.Load(); !cfg.DB.PoolAutoRecovery {
		a.fail(errors.New("the database was lost, and db-pool-automatic-recovery is off"))
		return
	}
	a.reloader.NoticeStale()
}

// gate refuses requests until the first schema cache is whole: settings of the
// database, the secret among them, may not be known before.
type gate struct {
	*auth.Authenticator
	reloader *catalog.Reloader
}

func (g gate) Authenticate(ctx context.Context, c auth.Credentials) (auth.Identity, error) {
	if g.reloader.Cache() == nil {
		return auth.Identity{}, apierr.NoSchemaCache()
	}
	return g.Authenticator.Authenticate(ctx, c)
}
