package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// pingTimeout bounds the wait for a sign of life.
const pingTimeout = 5 * time.Second

// newPool makes the pool that requests run on. It connects when needed.
func (a *App) newPool(cfg config.Config) (*pgxpool.Pool, error) {
	c, ignored, pooled, err := a.poolConfig(cfg, string(cfg.DB.URI), "db-uri")
	if err != nil {
		return nil, err
	}
	a.ignored, a.pooled = ignored, pooled
	pool, err := pgxpool.NewWithConfig(context.Background(), c) // the context is for connecting, which it does not
	if err != nil {
		return nil, fmt.Errorf("make the pool: %w", err)
	}
	return pool, nil
}

// poolConfig is that of a pool for requests, to the server that a setting names.
func (a *App) poolConfig(cfg config.Config, uri, setting string) (c *pgxpool.Config, ignored []string, pooled bool, err error) {
	c, err = pgxpool.ParseConfig(uri)
	if err != nil { // its text repeats most of the URI
		return nil, nil, false, errors.New(setting + " cannot be read; example: postgres://authenticator:...@host:5432/postgres")
	}
	c.MaxConns = int32(min(cfg.DB.Pool, 1<<20))
	c.MinConns, c.MinIdleConns = 0, 0
	c.MaxConnIdleTime = cfg.DB.PoolMaxIdle
	// The pool looks at its idle connections once a period, a minute by default;
	// one whose server is gone holds a descriptor until then.
	c.HealthCheckPeriod = max(cfg.DB.PoolMaxIdle/3, time.Second)
	c.MaxConnLifetime = cfg.DB.PoolMaxLifetime
	c.MaxConnLifetimeJitter = cfg.DB.PoolMaxLifetime / 10 // not all at once
	ignored, pooled = service.Prepare(c.ConnConfig, "romashka "+a.o.Version)
	c.AfterConnect = checkEncoding(a.log)
	// A connection that died in silence while it was idle must not hold up who
	// has no deadline, as reading the settings again.
	c.PingTimeout = pingTimeout
	// The executor prepares by itself; the rest is too rare to be worth it.
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	exec.Guard(c)
	return c, ignored, pooled, nil
}

// checkEncoding refuses a connection on which bytes of another encoding would
// pass for UTF-8, and warns once of a database that has none.
func checkEncoding(log *slog.Logger) func(context.Context, *pgx.Conn) error {
	var once sync.Once
	return func(ctx context.Context, conn *pgx.Conn) error {
		status := conn.PgConn().ParameterStatus
		if service.WithoutEncoding(status) {
			once.Do(func() {
				log.LogAttrs(ctx, slog.LevelWarn, "the database has no encoding (SQL_ASCII): what other programs wrote is passed on unchecked and may be no UTF-8; "+
					"move it into a database with ENCODING 'UTF8'")
			})
		}
		return service.Encoded(status)
	}
}

// answerMemory is the budget of answers: the setting, or a part of the memory that the
// process may have.
func answerMemory(cfg config.Config) *answer.Memory {
	const most, part = 256 << 20, 4
	all := int64(cfg.Server.AnswerMemory)
	if all == 0 {
		all = min(most, debug.SetMemoryLimit(-1)/part)
	}
	return answer.NewMemory(all, int64(cfg.Server.AnswerLimit))
}

func authOptions(cfg config.Config, log *slog.Logger) auth.Options {
	return auth.Options{
		Secret: string(cfg.JWT.Secret), JWKSURL: cfg.JWT.JWKSURL, Audience: cfg.JWT.Audience, RoleClaimPath: cfg.JWT.RoleClaimKey,
		AnonRole: cfg.DB.AnonRole, Supabase: cfg.SupabaseMode(), AnonKeys: APIKeys(cfg.AnonKeys()), ServiceKeys: APIKeys(cfg.ServiceKeys()),
		CacheMaxEntries: cfg.JWT.CacheEntries, Logger: log,
	}
}

// APIKeys are the project's keys as package auth takes them.
func APIKeys(keys []config.APIKey) []auth.APIKey {
	var list []auth.APIKey
	for _, k := range keys {
		list = append(list, auth.APIKey{Setting: k.Setting, Text: string(k.Key)})
	}
	return list
}

func (a *App) engineSettings(cfg config.Config) *postgrest.Settings {
	s := &postgrest.Settings{
		Schemas: cfg.DB.Schemas, ExtraSearchPath: cfg.DB.ExtraSearchPath, AnonRole: cfg.DB.AnonRole,
		Timeouts: timeouts(cfg), CountLimit: int64(cfg.DB.CountLimit), ClientErrors: cfg.ClientErrors, ClaimSettings: cfg.DB.ClaimSettings, Limits: plan.Limits{
			Depth: cfg.Limits.SelectDepth, Embeds: cfg.Limits.Embeds, Columns: cfg.Limits.Columns,
			JSONSteps: cfg.Limits.JSONSteps, Filters: cfg.Limits.Filters,
		},
		RootSpec: cfg.DB.RootSpec, Aggregates: cfg.DB.Aggregates, PlanMedia: cfg.DB.PlanEnabled,
		TxRollback: cfg.DB.TxEnd.Rollback(), TxAllowOverride: cfg.DB.TxEnd.AllowOverride(),
		LegacyNames: cfg.URLLegacyTargetNames, Verbosity: verbosity(cfg), ServerTiming: cfg.Server.Timing, Names: server.Names(),
		OpenAPI: postgrest.OpenAPISettings{
			Disabled: cfg.OpenAPI.Mode == config.OpenAPIDisabled, IgnorePrivileges: cfg.OpenAPI.Mode == config.IgnorePrivileges,
			SecurityActive: cfg.OpenAPI.SecurityActive, ProxyURI: cfg.OpenAPI.ServerProxyURI, Host: cfg.Server.Host, Port: cfg.Server.Port,
		},
	}
	if cfg.Server.Port == 0 { // any free one: which, is known by now
		s.OpenAPI.Port = int(a.port.Load())
	}
	if cfg.DB.PreRequest != "" {
		s.PreRequest = ident.Parse(cfg.DB.PreRequest)
	}
	if cfg.DB.MaxRows != nil {
		s.HasMaxRows, s.MaxRows = true, *cfg.DB.MaxRows
	}
	for _, p := range cfg.AppSettings {
		s.AppSettings = append(s.AppSettings, schemacache.Setting{Name: p.Name, Value: p.Value})
	}
	return s
}

func timeouts(cfg config.Config) map[string]time.Duration {
	byRole := map[string]time.Duration{}
	for _, t := range cfg.Limits.Timeouts {
		byRole[t.Role] = t.Timeout
	}
	return byRole
}

func verbosity(cfg config.Config) apierr.Verbosity {
	if cfg.ClientErrorVerbosity == config.Minimal {
		return apierr.Minimal
	}
	return apierr.Verbose
}

func catalogOptions(cfg config.Config) catalog.Options {
	return catalog.Options{Schemas: cfg.DB.Schemas, ExtraSearchPath: cfg.DB.ExtraSearchPath, HoistedSettings: cfg.DB.HoistedTx}
}

// noLimit is the server's word for a setting of 0.
const noLimit = -1

func (a *App) serverOptions(cfg config.Config) server.Options {
	oneBody, allBodies := a.bodyLimits(cfg)
	o := server.Options{
		Engine: a.engine, Auth: gate{a.auth, a.reloader}, Logger: a.log, Metrics: a.metrics, Version: a.o.Version,
		APIRoots: cfg.Server.APIRoots, Mounts: a.mounts(cfg), APIKeys: cfg.SupabaseMode(), OnUnavailable: a.unavailable,
		BodyLimit: oneBody, BodyMemory: allBodies, HeaderLimit: cfg.Server.HeaderLimit, RequestTimeout: cfg.Server.RequestTimeout,
		Concurrency: cfg.Server.MaxConnections, PerAddress: cmp.Or(cfg.Server.MaxConnectionsIP, noLimit),
		Answers: a.answers, Limiter: a.limiter, Tracer: a.tracer, TrustedProxies: cfg.Server.TrustedProxies,
		Settings: serverSettings(cfg),
	}
	o.Recorder = a.recorder()
	if a.sessions != nil {
		o.Sessions = a.sessions
	}
	if a.blocks != nil {
		o.Blocks = a.blocks
	}
	if a.replicas.set != nil {
		o.OnWrite = a.replicas.set.Wrote
	}
	if cfg.SupabaseMode() { // else the port is PostgREST's: tables only
		o.Ready = a.ready
	}
	return o
}

func serverSettings(cfg config.Config) server.Settings {
	return server.Settings{
		CORSOrigins: cfg.Server.CORSOrigins, TraceHeader: cfg.Server.TraceHeader, SendRequestID: cfg.SupabaseMode(), Verbosity: verbosity(cfg),
	}
}

func apiAddress(cfg config.Config) server.Address {
	return server.Address{
		Host: cfg.Server.Host, Port: cfg.Server.Port, ReusePort: cfg.Server.ReusePort, Setting: "server-port",
		UnixSocket: cfg.Server.UnixSocket, UnixSocketMode: fs.FileMode(cfg.Server.UnixSocketMode),
	}
}

func adminAddress(cfg config.Config) server.Address {
	return server.Address{
		Host: cfg.Admin.Host, Port: cfg.Admin.Port, Setting: "admin-server-port",
		UnixSocket: cfg.Admin.UnixSocket, UnixSocketMode: fs.FileMode(cfg.Admin.UnixSocketMode),
	}
}
