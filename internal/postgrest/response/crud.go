package response

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Options are the settings that a response depends on.
type Options struct {
	Verbosity apierr.Verbosity
	// CountLimit is the largest total that is shown where the caller may not see
	// all rows, see query.Options; MaxRows the largest page.
	CountLimit  int64
	MaxRows     int64
	HasMaxRows  bool
	LegacyNames bool   // warn of embeds that are named by a name that an alias replaced
	Version     string // of PostgREST, for that warning
}

// Read makes the response of a read, write or call of the results of its script.
// Errors: PGRST111, PGRST112 for settings of functions, PGRST116.
func Read(o Options, req *apirequest.Request, p *plan.Plan, s *query.Script, results []query.Result) (*Response, error) {
	if p.Explain() {
		return Explained(req, p, results[0].Rows), nil
	}
	if s.Assembled() {
		rows := assembledRows(results)
		if p.Handler.Kind == plan.JSONObject {
			if err := singular(p, rows); err != nil {
				return nil, err
			}
			rows.element()
		}
		return Build(o, req, p, rows)
	}
	rows, err := ReadRows(results[0].Rows)
	if err != nil {
		return nil, err
	}
	rows.Rest = results[0].Rest
	if len(results) > 1 {
		rows.Total = estimated(o, req, rows.Total, results[1:])
	}
	if err := singular(p, rows); p.ReadOnly && err != nil {
		return nil, err
	}
	return Build(o, req, p, rows)
}

// Build makes the response of a read, write or call.
// Errors: PGRST111, PGRST112 for settings of functions.
func Build(o Options, req *apirequest.Request, p *plan.Plan, rows Rows) (*Response, error) {
	var r *Response
	switch p.Kind {
	case plan.Read:
		r = read(o, req, p, rows)
	case plan.Call:
		r = call(o, req, p, rows)
	default:
		r = write(req, p, rows)
	}
	r.Rows = rows.Page
	return r, r.override(rows)
}

func read(o Options, req *apirequest.Request, p *plan.Plan, rows Rows) *Response {
	status, contentRange := apirequest.ContentRange(req.TopLevelRange, rows.Page, rows.Total)
	r := &Response{Status: status}
	r.add("Content-Range", contentRange)
	if req.Query.Canonical == "" {
		r.addShort("Content-Location", "/"+p.Target.Name)
	} else {
		r.addShort("Content-Location", "/"+p.Target.Name+"?"+req.Query.Canonical)
	}
	r.addContentType(req, p)
	r.addApplied(req, p)
	r.Body, r.Rest = pageBody(o, req, rows, status)
	return r
}

// pageBody is the rows, or the error that a range behind them is.
func pageBody(o Options, req *apirequest.Request, rows Rows, status int) ([]byte, [][]byte) {
	if status != 416 {
		return rows.Body, rows.Rest
	}
	total := "0"
	if rows.Total != nil {
		total = strconv.FormatInt(*rows.Total, 10)
	}
	return apierr.RangeOutOfBounds(req.TopLevelRange.Offset(), total).Body(o.Verbosity), nil
}

func call(o Options, req *apirequest.Request, p *plan.Plan, rows Rows) *Response {
	status, contentRange := apirequest.ContentRange(req.TopLevelRange, rows.Page, rows.Total)
	r := &Response{Status: status}
	r.add("Content-Range", contentRange)
	r.addApplied(req, p)
	if p.Routine.Void() {
		r.Status = 204
		return r
	}
	r.addContentType(req, p)
	r.Body, r.Rest = pageBody(o, req, rows, status)
	return r
}

func write(req *apirequest.Request, p *plan.Plan, rows Rows) *Response {
	r := &Response{}
	full := req.Preferences.Representation == apirequest.ReturnRepresentation
	switch p.Mutation.Action.Kind {
	case apirequest.CreateRows:
		r.Status = createdStatus(req, rows)
		r.addLocation(p, rows)
		r.addWriteRange(req, rows, 1, 0)
	case apirequest.UpdateRows:
		r.Status = writeStatus(full)
		r.addWriteRange(req, rows, 0, rows.Page-1)
	case apirequest.DeleteRows:
		r.Status = writeStatus(full)
		r.addWriteRange(req, rows, 1, 0)
	default: // PUT
		r.Status = writeStatus(full)
		if full && rows.Inserted != nil && *rows.Inserted > 0 {
			r.Status = 201
		}
	}
	r.addApplied(req, p)
	if full {
		r.addContentType(req, p)
		r.Body, r.Rest = rows.Body, rows.Rest
	}
	return r
}

func writeStatus(full bool) int {
	if full {
		return 200
	}
	return 204
}

// createdStatus returns 200 for an upsert that only updated, else 201.
func createdStatus(req *apirequest.Request, rows Rows) int {
	merge := req.Preferences.Resolution == apirequest.MergeDuplicates
	if merge && (rows.Inserted == nil || *rows.Inserted <= 0) {
		return 200
	}
	return 201
}

func (r *Response) addWriteRange(req *apirequest.Request, rows Rows, lower, upper int64) {
	var total *int64
	if req.Preferences.Count.Exact() {
		page := rows.Page
		total = &page
	}
	r.add("Content-Range", apirequest.FormatContentRange(lower, upper, total))
}

func (r *Response) addLocation(p *plan.Plan, rows Rows) {
	if len(rows.Location) == 0 {
		return
	}
	var out strings.Builder
	out.WriteString("/" + p.Target.Name)
	for i, pair := range rows.Location {
		out.WriteByte("?&"[min(i, 1)])
		key, value, _ := strings.Cut(pair, "=")
		out.WriteString(escapeQuery(key) + "=" + escapeQuery(value))
	}
	r.addShort("Location", out.String())
}

// longestEcho bounds the part of a request that a header repeats, in bytes: with the
// other headers it stays below 4 kB, beyond which proxies with their usual
// buffers turn the whole answer into a 502.
const longestEcho = 2 << 10

// addShort adds a header that repeats a part of the request, and leaves it out
// if it would be long.
func (r *Response) addShort(name, value string) {
	if len(value) <= longestEcho {
		r.add(name, value)
	}
}

func (r *Response) addContentType(req *apirequest.Request, p *plan.Plan) {
	r.add("Content-Type", p.Media.ContentType())
	r.addProfile(req)
}

func (r *Response) addProfile(req *apirequest.Request) {
	if req.NegotiatedByProfile {
		r.add("Content-Profile", req.Schema)
	}
}

func (r *Response) addApplied(req *apirequest.Request, p *plan.Plan) {
	if applied := applicable(req, p).Applied(); applied != "" {
		r.add("Preference-Applied", applied)
	}
}

// applicable are the preferences that bear on the plan's kind.
func applicable(req *apirequest.Request, p *plan.Plan) apirequest.Preferences {
	out := req.Preferences
	kind := req.Action.Kind
	creates := p.Kind == plan.Write && kind == apirequest.CreateRows
	updates := p.Kind == plan.Write && kind == apirequest.UpdateRows
	deletes := p.Kind == plan.Write && kind == apirequest.DeleteRows
	if !creates || len(p.Mutation.PrimaryKey) == 0 && !req.Query.HasOnConflict {
		out.Resolution = apirequest.ResolutionNone
	}
	if p.Kind != plan.Write {
		out.Representation = apirequest.ReturnDefault
	}
	if !creates && !updates {
		out.Missing = apirequest.MissingUnset
	}
	if !updates && !deletes && p.Kind != plan.Call {
		out.HasMaxAffected = false
	}
	return out
}

// Explained is the response that holds an execution plan, one line a row.
func Explained(req *apirequest.Request, p *plan.Plan, rows [][][]byte) *Response {
	var body bytes.Buffer
	for _, row := range rows {
		body.Write(row[0])
		body.WriteByte('\n')
	}
	r := &Response{Status: 200, Body: body.Bytes()}
	r.addContentType(req, p)
	return r
}

// Described is the response that holds the OpenAPI description.
func Described(req *apirequest.Request, p *plan.Plan, document []byte) *Response {
	r := &Response{Status: 200, Body: document}
	r.addContentType(req, p)
	return r
}

// Info is the answer to OPTIONS: the methods that the target takes.
func Info(p *plan.Plan) *Response {
	r := &Response{Status: 200}
	r.add("Access-Control-Allow-Origin", "*")
	r.add("Allow", allowed(p))
	return r
}

func allowed(p *plan.Plan) string {
	const readable = "OPTIONS,GET,HEAD"
	switch p.Kind {
	case plan.InfoRoutine:
		if p.Routine.Volatility == schemacache.Volatile {
			return "OPTIONS,POST"
		}
		return readable + ",POST"
	case plan.InfoRelation:
		t := p.Table
		methods := readable
		if t.Insertable {
			methods += ",POST"
		}
		if t.Insertable && t.Updatable && len(t.PrimaryKey) > 0 {
			methods += ",PUT"
		}
		if t.Updatable {
			methods += ",PATCH"
		}
		if t.Deletable {
			methods += ",DELETE"
		}
		return methods
	default:
		return readable
	}
}
