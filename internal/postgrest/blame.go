package postgrest

import (
	"errors"
	"net/http"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// blame turns those 500s into 400s that only a request's own size or values
// lead to, where the setting asks for it; PostgREST takes them for the server's
// fault. What a function or trigger raised stays one: it may recurse, or fail,
// whatever the client sends.
//
// 54000, 54011, 54023: too many dimensions, columns, arguments, or an index
// entry too large. 54001: nested too deep for the stack. XX000: extensions
// raise it on text that is none of their type's.
func (s *Settings) blame(err error, req *Request) error {
	known, ok := errors.AsType[*apierr.Error](err)
	if !s.ClientErrors || !ok || known.Status != http.StatusInternalServerError || known.InFunction {
		return err
	}
	switch known.Code {
	case "54000", "54001", "54011", "54023":
	case "XX000":
		if req.RawQuery == "" && len(req.Body) == 0 {
			return err
		}
	default:
		return err
	}
	clients := *known
	clients.Status = http.StatusBadRequest
	return &clients
}
