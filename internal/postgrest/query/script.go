package query

import (
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// The columns of a main statement's one row. That of a write has one more,
// WriteLocation, which moves those behind it.
const (
	ColumnTotal    = iota // rows of the whole result; NULL or '' when not counted
	ColumnPage            // rows of this answer
	ColumnBody            // in binary format
	ColumnHeaders         // response.headers
	ColumnStatus          // response.status
	ColumnInserted        // rows that an upsert added
	columns

	// WriteLocation is a JSON array of "key=eq.value", of an insert.
	WriteLocation = ColumnBody
)

// Options are the settings that bear on a script.
type Options struct {
	MaxRows    int64
	HasMaxRows bool
	// TxRollback undoes every request that does not say tx=commit (db-tx-end).
	TxRollback      bool
	ExtraSearchPath []string
	PreRequest      ident.Qualified // zero for none
	AppSettings     []schemacache.Setting
	// CountLimit is the largest total, in rows, that is counted for count=planned
	// and count=estimated where the caller may not see all rows; 0 leaves such
	// totals to the planner, whose estimate includes hidden rows.
	CountLimit int64
	// IgnorePrivileges describes all of a schema, whatever the role may use.
	IgnorePrivileges bool
	// ClaimSettings sets two claims by themselves before a read of a relation, as
	// earlier releases of PostgREST did: request.jwt.claim.sub and
	// request.jwt.claim.role. auth.uid() and auth.role() of Supabase look there
	// first, and parse all claims for each row else.
	ClaimSettings bool
	// Assemble asks for plain rows, to be made JSON outside of the database,
	// where that gives the same answer.
	Assemble bool
}

// Caller is who a request runs as.
type Caller struct {
	Role   string
	Claims []byte // JSON object
	// Subject is the claim "sub" where that is a string.
	Subject string
	// Authenticated: Role is not the anonymous one.
	Authenticated bool
	// Settings of the role (ALTER ROLE ... SET) and its isolation level.
	Settings  []schemacache.Setting
	Isolation schemacache.Isolation
}

// subject is the claim as a setting; "" leaves those who ask for it to the claims.
func (c Caller) subject() string {
	if strings.IndexByte(c.Subject, 0) >= 0 { // PostgreSQL has no such text
		return ""
	}
	return c.Subject
}

// Build writes the script of a plan that needs the database.
func Build(o Options, caller Caller, req *apirequest.Request, p *plan.Plan) *Script {
	s := &Script{Role: caller.Role, Authenticated: caller.Authenticated, Tx: transaction(o, caller, req, p)}
	s.Settings, s.address = settings(o, caller, req, p)
	s.Returns = !p.ReadOnly && p.Handler.Kind != plan.NoBody
	if o.PreRequest != (ident.Qualified{}) {
		s.PreRequest = Statement{SQL: "SELECT " + o.PreRequest.String() + "()", BinaryColumn: -1}
	}
	if p.Streams() {
		stream(s, o, req, p)
		return s
	}
	switch p.Kind {
	case plan.Read:
		if o.Assemble && assembles(req, p) {
			s.Main, s.Light = append(s.Main, assembledStatement(p), gucStatement()), true
			return s
		}
		behind := estimates(o, req, p)
		s.Light = len(behind) == 0
		s.Main = append(append(s.Main, readStatement(o, req, p, s.Light)), behind...)
	case plan.Write:
		s.Main = append(s.Main, writeStatement(req, p))
	case plan.Call:
		s.Light = promisesNothing(p)
		s.Main = append(s.Main, callStatement(o, req, p, s.Light))
	case plan.Describe:
		s.Main = describeStatements(o, p.Schema)
	case plan.InfoRelation, plan.InfoRoutine, plan.InfoSchema:
	}
	return s
}

func transaction(o Options, caller Caller, req *apirequest.Request, p *plan.Plan) Tx {
	tx := Tx{ReadOnly: p.ReadOnly}
	isolation := caller.Isolation
	if p.Routine != nil && p.Routine.Isolation != schemacache.IsolationUnset {
		isolation = p.Routine.Isolation
	}
	if isolation != schemacache.ReadCommitted {
		tx.Isolation = isolation.SQL()
	}
	switch req.Preferences.Transaction {
	case apirequest.TxCommit:
	case apirequest.TxRollback:
		tx.Rollback = true
	case apirequest.TxDefault:
		tx.Rollback = o.TxRollback
	}
	return tx
}

// source opens the statement: the rows of the request's target.
func (b *builder) source(write func()) {
	if b.explain != nil {
		b.raw(explainPrefix(b.explain))
	}
	b.raw("WITH ", plan.SourceCTE, " AS (")
	write()
	b.raw(")")
}

func newBuilder(p *plan.Plan) *builder {
	return &builder{explain: p.Media.Plan, sql: make([]byte, 0, 1024), args: make([]Arg, 0, 8)}
}

// close ends the statement; an explained one has a single text column.
func (b *builder) close(write bool) Statement {
	switch {
	case b.explain != nil:
		return b.statement(1, -1)
	case write:
		return b.statement(columns+1, ColumnBody+1)
	default:
		return b.statement(columns, ColumnBody)
	}
}

// promisesNothing reports whether p calls a function that is declared not to change
// anything: it may not use SET, LISTEN, PREPARE and the like. A value without a
// body is no aggregate, and of no rows nothing would be released.
func promisesNothing(p *plan.Plan) bool {
	return p.Routine.Volatility != schemacache.Volatile && !(p.Routine.Single() && p.Handler.Kind == plan.NoBody)
}

func readStatement(o Options, req *apirequest.Request, p *plan.Plan, light bool) Statement {
	b := newBuilder(p)
	b.source(func() { b.read(p.Tree) })
	separate := b.countCTE(o, req, p)
	b.raw(" SELECT ")
	b.total(req, nil, separate)
	b.raw(" AS total_result_set, ")
	b.pageTotal(nil)
	b.raw(" AS page_total, ")
	b.body(nil, p.Handler)
	b.gucs(noneInserted(light))
	b.raw(" FROM (SELECT * FROM ", plan.SourceCTE, ") _postgrest_t")
	return b.close(false)
}

func callStatement(o Options, req *apirequest.Request, p *plan.Plan, light bool) Statement {
	b := newBuilder(p)
	b.source(func() { b.call(p.Routine, p.Call) })
	separate := b.countCTE(o, req, p)
	b.raw(" SELECT ")
	b.total(req, p.Routine, separate)
	b.raw(" AS total_result_set, ")
	b.pageTotal(p.Routine)
	b.raw(" AS page_total, ")
	b.body(p.Routine, p.Handler)
	b.gucs(noneInserted(light))
	b.raw(" FROM (")
	b.read(p.Tree)
	b.raw(") _postgrest_t")
	return b.close(false)
}

func writeStatement(req *apirequest.Request, p *plan.Plan) Statement {
	b := newBuilder(p)
	m := p.Mutation
	b.source(func() { b.mutate(m) })
	b.raw(" SELECT '' AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, ")
	b.location(req, m)
	b.raw(" AS header, ")
	b.body(nil, p.Handler)
	inserted := "''"
	put := m.Action.Kind == apirequest.UpsertRow
	if m.Kind == plan.Insert && (put || req.Preferences.Resolution == apirequest.MergeDuplicates) {
		inserted = "nullif(current_setting('pgrst.inserted', true), '')::int"
	}
	b.gucs(inserted)
	b.raw(" FROM (")
	if p.Handler.Kind == plan.NoBody {
		// Without a body the select's names are not looked at.
		b.raw("SELECT * FROM ", plan.SourceCTE)
	} else {
		b.read(p.Tree)
	}
	b.raw(") _postgrest_t")
	return b.close(true)
}

// countCTE writes the query of the exact total, unless the page is all there is,
// and reports whether it did.
func (b *builder) countCTE(o Options, req *apirequest.Request, p *plan.Plan) bool {
	if !req.Preferences.Count.Exact() || !o.HasMaxRows && req.TopLevelRange.IsAll() {
		return false
	}
	b.raw(", pgrst_source_count AS (")
	b.count(p.Tree)
	if o.HasMaxRows && p.Kind == plan.Read && req.Preferences.Count == apirequest.CountEstimated {
		// One row more shows that the estimate is wanted instead.
		b.limitRows(o.MaxRows + 1)
	}
	b.raw(")")
	return true
}

func (b *builder) limitRows(n int64) { b.raw(" LIMIT ", strconv.FormatInt(n, 10)) }

func (b *builder) total(req *apirequest.Request, r *schemacache.Routine, separate bool) {
	switch {
	case !req.Preferences.Count.Exact():
		b.raw("null::bigint")
	case separate:
		b.raw("(SELECT pg_catalog.count(*) FROM pgrst_source_count)")
	default:
		b.pageTotal(r)
	}
}

func (b *builder) pageTotal(r *schemacache.Routine) {
	if r != nil && r.Single() {
		b.raw("1")
		return
	}
	b.raw("pg_catalog.count(_postgrest_t)")
}

const noLocation = "'[]'::json"

// location writes the key of the one row that was inserted, as filters.
func (b *builder) location(req *apirequest.Request, m *plan.Mutation) {
	if m.Kind != plan.Insert || req.Preferences.Representation != apirequest.ReturnHeadersOnly || len(m.PrimaryKey) == 0 {
		b.raw(noLocation)
		return
	}
	b.raw("CASE WHEN pg_catalog.count(_postgrest_t) = 1 THEN coalesce((" +
		"WITH data AS (SELECT row_to_json(_) AS row FROM " + plan.SourceCTE + " AS _ LIMIT 1) " +
		"SELECT json_agg(json_data.key || '=' || coalesce('eq.' || json_data.value, 'is.null')) " +
		"FROM data CROSS JOIN json_each_text(data.row) AS json_data WHERE json_data.key IN (")
	b.list(len(m.PrimaryKey), ", ", func(i int) { b.raw(ident.Literal(m.PrimaryKey[i])) })
	b.raw(")), ", noLocation, ") ELSE ", noLocation, " END")
}

// gucs closes the select list with the settings by which functions shape the response.
func (b *builder) gucs(inserted string) {
	b.raw(" AS body, nullif(current_setting('response.headers', true), '') AS response_headers, " +
		"nullif(current_setting('response.status', true), '') AS response_status, ")
	b.raw(inserted, " AS response_inserted")
}

// noneInserted is the empty text in the last column of a statement that inserts
// nothing; where it is light, of the release of advisory locks.
func noneInserted(light bool) string {
	if light {
		return releaseLocks
	}
	return "''"
}

func explainPrefix(p *mediatype.Plan) string {
	out := "EXPLAIN (FORMAT TEXT"
	if p.JSON {
		out = "EXPLAIN (FORMAT JSON"
	}
	for _, option := range []struct {
		on   bool
		name string
	}{{p.Analyze, "ANALYZE"}, {p.Verbose, "VERBOSE"}, {p.Settings, "SETTINGS"}, {p.Buffers, "BUFFERS"}, {p.WAL, "WAL"}} {
		if option.on {
			out += ", " + option.name
		}
	}
	return out + ") "
}
