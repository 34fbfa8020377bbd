package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// settings writes the one SELECT that dresses the transaction: role, claims,
// request, and what role, routine and configuration set.
//
// A role's own settings come before the role: GRANT SET is given to the login.
func settings(o Options, caller Caller, req *apirequest.Request, p *plan.Plan) Statement {
	b := &builder{sql: make([]byte, 0, 512), args: make([]Arg, 0, 12)}
	b.raw("SELECT ")
	if p.ReadOnly {
		b.raw("set_config('transaction_read_only', 'on', true), ")
	}
	b.set("search_path", searchPath(req.Schema, o.ExtraSearchPath))
	b.setAll(caller.Settings)
	b.set("role", caller.Role)
	b.set("request.jwt.claims", string(caller.Claims))
	b.set("request.method", req.Method)
	b.set("request.path", req.Path)
	b.set("request.headers", jsonObject(req.Headers))
	b.set("request.cookies", jsonObject(req.Cookies))
	if req.Preferences.HasTimezone {
		b.set("timezone", req.Preferences.Timezone)
	}
	if p.Routine != nil {
		b.setAll(p.Routine.Settings)
	}
	b.setAll(o.AppSettings)
	return b.statement(0, -1)
}

// set writes a setting whose name is ours.
func (b *builder) set(name, value string) {
	if len(b.args) > 0 {
		b.raw(", ")
	}
	b.raw("set_config('", name, "', ")
	b.param(value)
	b.raw(", true)")
}

// setAll writes settings whose names come from elsewhere: they are bound too.
func (b *builder) setAll(all []schemacache.Setting) {
	for _, s := range all {
		b.raw(", set_config(")
		b.param(s.Name)
		b.raw(", ")
		b.param(s.Value)
		b.raw(", true)")
	}
}

func searchPath(schema string, extra []string) string {
	path := ident.AppendQuoted(nil, schema)
	for _, name := range extra {
		path = append(path, ", "...)
		path = ident.AppendQuoted(path, name)
	}
	return string(path)
}
