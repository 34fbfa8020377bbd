package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// tellConnection logs how the connection string is used.
func (a *App) tellConnection(ctx context.Context, cfg config.Config) {
	if len(a.ignored) > 0 {
		a.log.Log(ctx, observe.LevelNotice, "parameters of other programs in db-uri are ignored",
			slog.String("parameters", strings.Join(a.ignored, " ")))
	}
	if a.pooled {
		a.tellPooler(cfg, "db-uri says pgbouncer=true")
	}
}

// tellPooler says once that there is a pooler, and the consequences.
func (a *App) tellPooler(cfg config.Config, evidence string) {
	statements := "unnamed, at a third of the speed; romashka-statements=prepared is for a pooler that knows prepared statements or pools by session"
	switch cfg.DB.Statements {
	case config.Prepared:
		statements = "named, as romashka-statements or db-prepared-statements says; each that a session lacks costs a second try"
	case config.Unnamed:
		statements = "unnamed"
	case config.Auto:
	}
	a.log.Log(context.Background(), observe.LevelNotice, "db-uri leads to a connection pooler",
		slog.String("evidence", evidence), slog.String("statements", statements))
}

// refusedParameter is the end of the App where the server, or a pooler, does
// not know a parameter of the connection string: it will not know it later.
// It is nil for other errors.
func refusedParameter(err error) error {
	var server *pgconn.PgError
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); !connecting || !errors.As(err, &server) {
		return nil
	}
	switch {
	case server.Code == pgerrcode.UndefinedObject, server.Code == pgerrcode.InvalidParameterValue:
	case server.Code == pgerrcode.ProtocolViolation && strings.HasPrefix(server.Message, "unsupported startup parameter"):
	default:
		return nil
	}
	return fmt.Errorf("db-uri or romashka-db-direct-uri holds a parameter that the database does not take: %s (SQLSTATE %s)",
		server.Message, server.Code)
}
