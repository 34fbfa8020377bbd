package exec

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// isClientError reports whether the error is a check's, or the client's already.
func isClientError(err error) bool {
	_, ok := errors.AsType[*apierr.Error](err)
	return ok
}

// wireError says err in the client's words. The texts of the driver, with host
// and user among them, stay out.
func wireError(ctx context.Context, err error, s *query.Script) error {
	var server *pgconn.PgError
	var limit *answer.LimitError
	switch {
	case isClientError(err):
		return err
	case errors.As(err, &limit):
		return tooLarge(limit, s)
	case errors.Is(err, errStreams):
		return apierr.TooManyStreams()
	case ctx.Err() != nil:
		return Stopped(ctx)
	case errors.Is(err, errPoolTimeout), errors.As(err, &server) && busyPooler(server):
		return apierr.PoolTimeout()
	case errors.As(err, &server) && strings.HasPrefix(server.Code, "28") && isConnect(err):
		return apierr.Connection("")
	case server != nil && fatal(server) && server.Code == pgerrcode.ProtocolViolation:
		return apierr.Client("A pooler or proxy in front of the database refused the session (SQLSTATE 08P01); its log says why.")
	case errors.As(err, &server) && !lostServer(server) && !isConnect(err):
		return apierr.FromPostgres(apierr.Postgres{
			Code: server.Code, Message: server.Message, Detail: server.Detail, Hint: server.Hint, Where: server.Where,
		}, s.Authenticated)
	default:
		return apierr.Client("")
	}
}

// Stopped says the end of ctx in the client's words; nil before it.
func Stopped(ctx context.Context) error {
	switch {
	case ctx.Err() == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return apierr.Timeout()
	default:
		return apierr.Canceled()
	}
}

// busyPooler reports whether a pooler had no session in time, or none to wait
// for. Nothing was sent to the database. PgBouncer calls all that it refuses by
// itself a violation of the protocol, Supavisor an internal error. Sources:
// PgBouncer 1.18 and later, Supavisor 1 and 2.
func busyPooler(err *pgconn.PgError) bool {
	switch {
	case !fatal(err):
		return false
	case err.Code == pgerrcode.ProtocolViolation:
		return err.Message == "query_wait_timeout" || strings.HasPrefix(err.Message, "no more connections allowed")
	case err.Code == pgerrcode.InternalError:
		text := strings.ToLower(err.Message)
		return slices.ContainsFunc([]string{"checkouttimeout", "unable to check out", "max client"}, func(part string) bool {
			return strings.Contains(text, part)
		})
	default:
		return false
	}
}

// fatal reports whether the session ends with the error. Severity is in the language of the
// server; some poolers give no other.
func fatal(err *pgconn.PgError) bool {
	return cmp.Or(err.SeverityUnlocalized, err.Severity) == "FATAL"
}

// tooLarge says that the answer would take too much memory.
func tooLarge(r *answer.LimitError, s *query.Script) error {
	limit := strconv.FormatInt(r.Limit, 10)
	if !r.TooLarge {
		return apierr.NoAnswerMemory(limit)
	}
	return apierr.AnswerTooLarge(limit, !s.Tx.ReadOnly)
}

func isConnect(err error) bool {
	_, ok := errors.AsType[*connectError](err)
	return ok
}

// lostServer reports whether the server, or a pooler, ended the session, as
// opposed to SQL that raised such a code.
func lostServer(err *pgconn.PgError) bool {
	return fatal(err) && (connectionClass(err.Code) || err.Code == pgerrcode.InternalError)
}

var errPoolTimeout = errors.New("no free connection in time")

// connectError is a connection that could not be opened.
type connectError struct{ cause error }

func (e *connectError) Error() string { return "connect: " + e.cause.Error() }
func (e *connectError) Unwrap() error { return e.cause }
