// Package response turns what the database answered, or an error, into
// status, headers and body.
//
// It is pure and never asks anything of the database.
package response

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// Response is what the client gets, save for what only a server can add
// (Content-Length, Date).
type Response struct {
	Status int
	// Reason replaces the status's usual phrase; "" keeps it.
	Reason string
	Header []apirequest.Field
	Body   []byte
	Rest   [][]byte // further pieces of Body
	Rows   int64    // in the answer, for the log
}

func (r *Response) add(name, value string) {
	r.Header = append(r.Header, apirequest.Field{Name: name, Value: value})
}

// Set replaces the value of a header that is there.
func (r *Response) Set(name, value string) {
	for i := range r.Header {
		if equalFold(r.Header[i].Name, name) {
			r.Header[i].Value = value
		}
	}
}

// Has reports whether a header of that name is set, whatever its case.
func (r *Response) Has(name string) bool {
	for _, h := range r.Header {
		if equalFold(h.Name, name) {
			return true
		}
	}
	return false
}

// Error is the response to a failed request.
func Error(err *apierr.Error, v apierr.Verbosity) *Response {
	r := &Response{Status: err.Status, Reason: err.StatusText, Body: err.Body(v)}
	for _, h := range err.Headers() {
		r.add(h.Name, h.Value)
	}
	return r
}
