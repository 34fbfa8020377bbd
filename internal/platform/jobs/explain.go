package jobs

import (
	"errors"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
)

// explain gives the remedy for err.
// Source: PostgreSQL, appendix A, error codes.
func explain(err error) string {
	var refused *pgconn.PgError
	var pooler *service.PoolerError
	if errors.As(err, &pooler) {
		return "the way to the database takes no transactions"
	}
	if !errors.As(err, &refused) {
		return "the database cannot be asked"
	}
	switch refused.Code {
	case pgerrcode.InvalidSchemaName, pgerrcode.UndefinedFunction, pgerrcode.UndefinedTable, pgerrcode.UndefinedColumn:
		return "the database does not know them; romashka migrate up brings them"
	case pgerrcode.InsufficientPrivilege:
		return "the role of romashka-db-background-uri may not; " +
			"as the owner: SELECT romashka.allow_jobs('role')"
	default:
		return "the database refused"
	}
}
