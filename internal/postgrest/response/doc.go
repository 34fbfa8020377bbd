// Package response turns the database's answer, or an error, into
// status, headers and body.
//
// It is pure and never asks anything of the database.
package response

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// Response is the answer to the client, save for headers that only a server can add
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
	if r.Header == nil {
		const usual = 6
		r.Header = make([]apirequest.Field, 0, usual)
	}
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

// has reports whether a header of that name is set, whatever its case.
func (r *Response) has(name string) bool {
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

// Finish adds the headers of every successful answer: timing, the value of
// Server-Timing, unless it is "", a warning of deprecated names, and Vary.
func (r *Response) Finish(o Options, p *plan.Plan, timing string) {
	if timing != "" {
		r.add("Server-Timing", timing)
	}
	if warning := legacyWarning(o, p); warning != "" {
		r.add("Warning", warning)
	}
	if !r.has("Vary") {
		r.add("Vary", "Accept, Prefer, Range")
	}
}

// legacyWarning is the warning to a client that names an embed by a name that an
// alias replaced; "" when it does not.
func legacyWarning(o Options, p *plan.Plan) string {
	if !o.LegacyNames {
		return ""
	}
	var changes []string
	for _, pair := range p.Legacy() {
		changes = append(changes, "`"+pair[0]+"` to `"+pair[1]+"`")
	}
	if len(changes) == 0 {
		return ""
	}
	return `299 PostgRESTv` + o.Version + ` "Embedded resource was referenced by relation name even though it has an alias. ` +
		`This is deprecated and will stop working in a future release. ` +
		`Update ` + strings.Join(changes, ", ") + ` in query string filters, orders or limits."`
}
