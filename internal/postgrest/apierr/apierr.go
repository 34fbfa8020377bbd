// Package apierr is the error that a client sees: status, code, message,
// details, hint and headers, in PostgREST's words and bytes.
//
// There is one constructor for each code, and no other place writes these texts.
// Codes PGRST000-PGRST303 are PostgREST's, five-character codes are
// PostgreSQL's; errors of this engine that neither has a code for have words,
// which the server of the engine replaces. The package never looks for a cause,
// a candidate or a translation: its caller names them.
package apierr

import (
	"encoding/json"
	"errors"
)

// Header is one header line of the answer to a failed request.
type Header struct {
	Name, Value string
}

// Error is a failure as the client sees it.
type Error struct {
	Status int
	// StatusText replaces the status's usual reason phrase; "" keeps it.
	StatusText string
	Code       string
	Message    string
	// Details and Hint are JSON; nil is null.
	Details json.RawMessage
	Hint    json.RawMessage
	// Header holds the error's own headers: WWW-Authenticate, or those that a
	// function raised. Headers adds Content-Type and Proxy-Status.
	Header []Header
	// InFunction reports whether PostgreSQL raised it within a function or trigger.
	// It is not shown.
	InFunction bool
}

// Error returns the code and the message, without details: for logs.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// CodeOf returns the code of the *Error in err's chain, "" without one.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Verbosity is how much of an error its body shows.
type Verbosity uint8

// The values of client-error-verbosity.
const (
	Verbose Verbosity = iota // code, details, hint, message
	Minimal                  // code, message
)

// Body returns the error as JSON, its keys in alphabetical order as PostgREST
// writes them.
func (e *Error) Body(v Verbosity) []byte {
	b := make([]byte, 0, 64+len(e.Code)+len(e.Message)+len(e.Details)+len(e.Hint))
	b = append(b, `{"code":`...)
	b = AppendText(b, e.Code)
	if v == Verbose {
		b = append(b, `,"details":`...)
		b = appendValue(b, e.Details)
		b = append(b, `,"hint":`...)
		b = appendValue(b, e.Hint)
	}
	b = append(b, `,"message":`...)
	b = AppendText(b, e.Message)
	return append(b, '}')
}

// Headers returns all header lines of the answer in PostgREST's order, without
// Content-Length.
func (e *Error) Headers() []Header {
	h := make([]Header, 0, 2+len(e.Header))
	h = append(h,
		Header{"Content-Type", "application/json; charset=utf-8"},
		Header{"Proxy-Status", ProxyStatus(e.Code)})
	return append(h, e.Header...)
}

// ProxyStatus returns the value of the Proxy-Status header for a code.
func ProxyStatus(code string) string { return "PostgREST; error=" + code }

// Text returns s as a JSON string, as PostgREST escapes it.
func Text(s string) json.RawMessage { return AppendText(make([]byte, 0, len(s)+2), s) }

// AppendText appends Text(s) to dst. Only quote, backslash and the controls
// below space are escaped; invalid UTF-8 becomes U+FFFD.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

func appendValue(dst []byte, v json.RawMessage) []byte {
	if v == nil {
		return append(dst, "null"...)
	}
	return append(dst, v...)
}
