package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// tellRelease says once, when the database answers, which release of ROMASHKA's
// schema it holds, and what that means for this one. A database without that
// schema, behind PostgREST's settings alone, is none of its business.
func (a *App) tellRelease(ctx context.Context) {
	if a.Wait(ctx) != nil {
		return
	}
	cfg := *a.settings.Load()
	standing, err := readStanding(ctx, cfg)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		a.log.LogAttrs(ctx, slog.LevelInfo, "the release of the schema is not known: "+unreadable(err))
		return
	}
	level, message := judgeStanding(standing, cfg.SupabaseMode())
	a.log.LogAttrs(ctx, level, message, slog.Uint64("schema", uint64(standing.Version)), slog.Uint64("release", uint64(standing.Release)))
}

func readStanding(ctx context.Context, cfg config.Config) (migrator.Standing, error) {
	setting := "romashka-db-background-uri"
	if cfg.DB.BackgroundURI == "" {
		setting = "romashka-db-direct-uri"
	}
	m, err := migrator.New(string(cmp.Or(cfg.DB.BackgroundURI, cfg.DB.DirectURI)), migrator.Options{Setting: setting})
	if err != nil {
		return migrator.Standing{}, err
	}
	return m.Standing(ctx)
}

func unreadable(err error) string {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == pgerrcode.InsufficientPrivilege {
		return "the login may not read romashka.schema_migrations; romashka-db-background-uri names one that may"
	}
	return err.Error()
}

// judgeStanding is the level and the words of a schema's release.
func judgeStanding(s migrator.Standing, supabase bool) (slog.Level, string) {
	switch {
	case s.Version == 0 && !supabase:
		return slog.LevelDebug, "the database has no schema of ROMASHKA"
	case s.Version == 0:
		return slog.LevelWarn, "the database has no schema of ROMASHKA: its tables, functions and jobs are missing; romashka migrate up brings them"
	case s.Newer > 0:
		return slog.LevelWarn, "the schema is newer than this release: what it brought is not used, and migrate refuses; update romashka to the release that brought it"
	case s.Missing > 0:
		return slog.LevelWarn, "the schema is older than this release: what is new fails until it is there; romashka migrate plan shows it, romashka migrate up brings it"
	}
	return observe.LevelNotice, "the schema is of this release"
}
