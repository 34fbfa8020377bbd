package plancache

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Entry is a request with its plan and the template of its script, for others
// of its key. Nothing in it changes.
type Entry struct {
	built    Built
	template *template
}

// newEntry keeps nothing that holds on to the request's buffers.
func newEntry(b Built, t *template) *Entry {
	request := *b.Request
	request.Headers, request.Cookies, request.Payload = nil, nil, apirequest.Payload{}
	b.Request, b.Script = &request, nil
	return &Entry{built: b, template: t}
}

// Build returns the plan and script for a request of the entry's key. Of its plan only the
// form is its own: values in it, as in the payload of the request, are those of
// the request that the entry was made of.
func (e *Entry) Build(k *Key, raw apirequest.Raw, caller query.Caller) Built {
	var own struct { // one piece of memory
		request    apirequest.Request
		parameters queryparams.Query
	}
	own.request, own.parameters = *e.built.Request, *e.built.Request.Query
	own.request.Query = &own.parameters
	own.request.Headers, own.request.Cookies = raw.SplitCookies()
	own.parameters.Canonical = queryparams.Canonical(raw.RawQuery)
	if caller.Claims == nil { // that would be NULL
		caller.Claims = []byte{}
	}
	script := e.template.script.Addressed(caller, own.request.Headers, own.request.Cookies)
	e.template.fill(script, k.values)
	return Built{Request: &own.request, Plan: e.built.Plan, Script: script}
}
