package exec

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// isVerdict: the error is a judge's or already the client's.
func isVerdict(err error) bool {
	_, ok := errors.AsType[*apierr.Error](err)
	return ok
}

// wireError says err in the client's words. What the driver adds, host and
// user among it, stays out.
func wireError(ctx context.Context, err error, s *query.Script) error {
	var server *pgconn.PgError
	switch {
	case isVerdict(err):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return apierr.Canceled()
	case ctx.Err() != nil:
		return apierr.Timeout()
	case errors.Is(err, errPoolTimeout):
		return apierr.PoolTimeout()
	case errors.As(err, &server) && strings.HasPrefix(server.Code, "28") && isConnect(err):
		return apierr.Connection("")
	case errors.As(err, &server) && !lostServer(server) && !isConnect(err):
		return apierr.FromPostgres(apierr.Postgres{
			Code: server.Code, Message: server.Message, Detail: server.Detail, Hint: server.Hint, Where: server.Where,
		}, s.Authenticated)
	default:
		return apierr.Client("")
	}
}

func isConnect(err error) bool {
	_, ok := errors.AsType[*connectError](err)
	return ok
}

// lostServer: the server said goodbye, as opposed to SQL that raised such a code.
func lostServer(err *pgconn.PgError) bool {
	return err.Severity == "FATAL" && connectionClass(err.Code)
}
