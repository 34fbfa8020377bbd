package devauth

import (
	"errors"
	"log/slog"
	"net/http"
)

// Error is an error in the words of Supabase's Auth service. Source: its error codes,
// https://supabase.com/docs/guides/auth/debugging/error-codes.
type Error struct {
	Status  int
	Code    string
	Message string
	Reasons []string // of weak_password
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func badRequest(code, message string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: message}
}

func forbidden(code, message string) *Error {
	return &Error{Status: http.StatusForbidden, Code: code, Message: message}
}

func unprocessable(code, message string) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: code, Message: message}
}

func invalidCredentials() *Error {
	return badRequest("invalid_credentials", "Invalid login credentials")
}

// API version header, and the one version whose errors look different.
const (
	versionHeader  = "X-Supabase-Api-Version"
	version2024    = "2024-01-01"
	errorCodeNamed = "X-Sb-Error-Code"
)

type weakPassword struct {
	Reasons []string `json:"reasons,omitempty"`
}

// errorBody is the answer to clients that ask for no version.
type errorBody struct {
	Code         int           `json:"code"`
	ErrorCode    string        `json:"error_code"`
	Message      string        `json:"msg"`
	WeakPassword *weakPassword `json:"weak_password,omitempty"`
}

// errorBody2024 is the answer to those that ask for version2024 or later.
type errorBody2024 struct {
	Code         string        `json:"code"`
	Message      string        `json:"message"`
	WeakPassword *weakPassword `json:"weak_password,omitempty"`
}

// refuse answers with an error. A fault that is not the client's is logged, and
// the client learns no more than that.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	if !errors.As(err, &e) {
		h.log.LogAttrs(r.Context(), slog.LevelError, "sign-in request failed",
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
		e = &Error{Status: http.StatusInternalServerError, Code: "unexpected_failure", Message: "Unexpected failure, please check server logs for more information"}
	}
	var weak *weakPassword
	if e.Reasons != nil {
		weak = &weakPassword{Reasons: e.Reasons}
	}
	w.Header().Set(errorCodeNamed, e.Code)
	if r.Header.Get(versionHeader) >= version2024 { // dates, so text compares
		w.Header().Set(versionHeader, version2024)
		h.send(w, reply{status: e.Status, body: errorBody2024{Code: e.Code, Message: e.Message, WeakPassword: weak}})
		return
	}
	h.send(w, reply{status: e.Status, body: errorBody{Code: e.Status, ErrorCode: e.Code, Message: e.Message, WeakPassword: weak}})
}
