package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// settings writes the one SELECT that sets up the transaction: role, claims,
// request, and the settings of role, routine and configuration. PostgreSQL evaluates
// arguments from left to right; num_nulls keeps it from sending them all back.
//
// A role's own settings come before the role: GRANT SET is given to the login.
func settings(o Options, caller Caller, req *apirequest.Request, p *plan.Plan) (_ Statement, at address) {
	b := &builder{sql: make([]byte, 0, 512), args: make([]Arg, 0, 12)}
	b.raw("SELECT num_nulls(")
	if p.ReadOnly {
		b.raw("set_config('transaction_read_only', 'on', true), ")
	}
	b.set("search_path", searchPath(req.Schema, o.ExtraSearchPath))
	b.setAll(caller.Settings)
	b.set("role", caller.Role)
	at.claims = len(b.args)
	b.set("request.jwt.claims", string(caller.Claims))
	if o.ClaimSettings && p.Kind == plan.Read && o.PreRequest == (ident.Qualified{}) {
		at.subject = len(b.args)
		b.set("request.jwt.claim.sub", caller.subject())
		b.set("request.jwt.claim.role", caller.Role)
	}
	b.set("request.method", req.Method)
	b.set("request.path", req.Path)
	at.headers = len(b.args)
	b.set("request.headers", string(jsonObject(req.Headers)))
	at.cookies = len(b.args)
	b.set("request.cookies", string(jsonObject(req.Cookies)))
	if req.Preferences.HasTimezone {
		b.set("timezone", req.Preferences.Timezone)
	}
	if p.Routine != nil {
		b.setAll(p.Routine.Settings)
	}
	b.setAll(o.AppSettings)
	b.raw(")")
	return b.statement(0, -1), at
}

// address holds the indexes of the settings' arguments that differ between two
// requests of one plan and role.
type address struct {
	claims, headers, cookies int
	subject                  int // 0 = it is not there
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

// settingsPerCall is the number of parameters after which another call begins:
// PostgreSQL allows a function 100 arguments, and each setting is one.
const settingsPerCall = 90

// setAll writes settings whose names come from elsewhere: they are bound too.
func (b *builder) setAll(all []schemacache.Setting) {
	for _, s := range all {
		if len(b.args)%settingsPerCall > settingsPerCall-3 {
			b.raw("), num_nulls(NULL")
		}
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
