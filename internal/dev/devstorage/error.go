package devstorage

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// Error is an error in the words of Supabase's Storage service. Its status
// stands in the body; the answer's own is 400, but for faults that are not the
// client's.
type Error struct {
	Status        int
	Code          string // as NoSuchKey
	Name          string // an older word for it, as not_found; "" = Code
	Message       string
	statusInReply int // 0 = 400
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func noSuchBucket() *Error {
	return &Error{Status: http.StatusNotFound, Code: "NoSuchBucket", Name: "Bucket not found", Message: "Bucket not found"}
}

func noSuchKey() *Error {
	return &Error{Status: http.StatusNotFound, Code: "NoSuchKey", Name: "not_found", Message: "Object not found"}
}

func accessDenied(message string) *Error {
	return &Error{Status: http.StatusForbidden, Code: "AccessDenied", Name: "Unauthorized", Message: message}
}

func duplicate(code string) *Error {
	return &Error{Status: http.StatusConflict, Code: code, Name: "Duplicate", Message: "The resource already exists"}
}

func invalidRequest(message string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: "InvalidRequest", Message: message}
}

func invalidKey(key string) *Error {
	const longest = 100 // bytes that are repeated
	return &Error{Status: http.StatusBadRequest, Code: "InvalidKey", Message: "Invalid key: " + key[:min(len(key), longest)]}
}

func tooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: "EntityTooLarge", Name: "Payload too large", Message: "The object exceeded the maximum allowed size"}
}

func invalidType(mediaType string) *Error {
	const longest = 100 // bytes that are repeated
	return &Error{
		Status: http.StatusUnsupportedMediaType, Code: "InvalidMimeType", Name: "invalid_mime_type",
		Message: "mime type " + mediaType[:min(len(mediaType), longest)] + " is not supported",
	}
}

func notBuilt(feature string) *Error {
	return &Error{Status: http.StatusConflict, Code: "FeatureNotEnabled", Message: feature + " is not part of the storage of `romashka dev`"}
}

// known turns an error of the database into one for the client: a policy, a key
// or a trigger has refused. Others are faults.
func known(err error, onDuplicate string) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	switch class := pgErr.Code[:min(2, len(pgErr.Code))]; {
	case pgErr.Code == pgerrcode.UniqueViolation:
		return duplicate(onDuplicate)
	case pgErr.Code == pgerrcode.ForeignKeyViolation:
		return noSuchBucket()
	case pgErr.Code == pgerrcode.InsufficientPrivilege, pgErr.Code == pgerrcode.InvalidParameterValue && pgErr.Routine == "call_string_check_hook": // no such role
		return accessDenied(pgErr.Message)
	case pgErr.Code == pgerrcode.QueryCanceled:
		return &Error{Status: 544, Code: "DatabaseTimeout", Message: "The connection to the database timed out", statusInReply: http.StatusGatewayTimeout}
	case class == "22", class == "23", class == "P0", class == "42":
		return &Error{Status: http.StatusBadRequest, Code: "DatabaseError", Message: pgErr.Message}
	}
	return err
}

// refuse answers with an error. A fault that is not the client's is logged, and
// the client learns no more than that.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		if r.Context().Err() == nil {
			h.log.LogAttrs(r.Context(), slog.LevelError, "storage request failed",
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
		}
		e = &Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: "Internal server error", statusInReply: http.StatusInternalServerError}
	}
	body := struct {
		Status  string `json:"statusCode"`
		Code    string `json:"code"`
		Name    string `json:"error"`
		Message string `json:"message"`
	}{strconv.Itoa(e.Status), e.Code, e.Name, e.Message}
	if body.Name == "" {
		body.Name = e.Code
	}
	status := e.statusInReply
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("Cache-Control", "no-store")
	h.send(w, status, body)
}

func (h *Handler) send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.log.Debug("answer storage request", "error", err) // the client has left
	}
}
