package postgrest

import (
	"errors"
	"net/http"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// blame turns those 500s into 400s that only a request's own size or depth
// leads to: PostgreSQL's limits of dimensions, index entries, columns, arguments
// and nesting (SQLSTATE class 54), which PostgREST takes for the server's fault.
// A statement too complex without a deep request is one: SQL that recurses.
func blame(err error, req *Request) error {
	known, ok := errors.AsType[*apierr.Error](err)
	if !ok || known.Status != http.StatusInternalServerError {
		return err
	}
	switch known.Code {
	case "54000", "54011", "54023":
	case "54001":
		if !isDeep(string(req.Body)) && !isDeep(queryparams.UnescapePath(req.RawQuery)) {
			return err
		}
	default:
		return err
	}
	clients := *known
	clients.Status = http.StatusBadRequest
	return &clients
}

// isDeep reports whether brackets nest deeper in text than anybody means them
// to; PostgreSQL gives up at some thousands. Quotes do not matter here.
func isDeep(text string) bool {
	const deep = 1000
	depth := 0
	for _, c := range []byte(text) {
		switch c {
		case '[', '{', '(':
			if depth++; depth > deep {
				return true
			}
		case ']', '}', ')':
			depth = max(0, depth-1)
		}
	}
	return false
}
