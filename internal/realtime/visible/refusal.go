package visible

import (
	"errors"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// isRefusal reports whether the database has understood the question and does
// not answer it, rather than being out of reach or at its end.
func isRefusal(err error) bool {
	if _, ok := errors.AsType[*RefusedError](err); ok {
		return true
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch refusal.Code[:min(2, len(refusal.Code))] {
	case "08", "53", "57", "58", "XX", "40":
		return refusal.Code == pgerrcode.QueryCanceled // its policies took too long
	}
	return true
}

// refused makes a RefusedError of a refusal; other errors stay.
func refused(err error) error {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || !isRefusal(err) {
		return err
	}
	return &RefusedError{strings.ToValidUTF8(refusal.Message, "?")}
}

func quote(name string) string { return ident.Quote(name) }
