package apirequest

import (
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Parse reads a request.
//
// The error is an *apierr.Error: PGRST100-103, 106, 114, 117, 125, 126. Of
// several the one that PostgREST meets first is returned: path, schema,
// method, query string, range, body. Invalid preferences are no error here;
// see Preferences.Invalid.
func Parse(r Raw, o Options) (*Request, error) {
	target, err := readResource(r.Path, o)
	if err != nil {
		return nil, err
	}
	q := &Request{Path: r.Path, Method: r.Method}
	if err := q.readSchema(r, o); err != nil {
		return nil, err
	}
	if q.Action, err = target.action(r.Method, q.Schema); err != nil {
		return nil, err
	}
	options := queryparams.Options{RoutineRead: q.Action.Kind == ReadRoutine}
	if q.Query, err = queryparams.Parse(r.RawQuery, options); err != nil {
		return nil, err
	}
	q.readHeaders(r, o)
	rangeHeader, _ := r.header("range")
	if err := q.readRanges(rangeHeader); err != nil {
		return nil, err
	}
	if err := q.readPayload(r.Body, r.Budget); err != nil {
		return nil, err
	}
	return q, nil
}

// header returns the first header of that name.
func (r Raw) header(name string) (string, bool) {
	for _, f := range r.Header {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// resource is the target of a path: a relation, a routine, or with neither the
// schema.
type resource struct {
	relation, routine     string
	isRelation, isRoutine bool
}

func readResource(path string, o Options) (resource, error) {
	segments := pathSegments(path)
	switch {
	case len(segments) == 0 && o.OpenAPIDisabled:
		return resource{}, apierr.OpenAPIDisabled()
	case len(segments) == 0 && o.RootSpec != "":
		return resource{routine: o.RootSpec, isRoutine: true}, nil
	case len(segments) == 0:
		return resource{}, nil
	case len(segments) == 1:
		return resource{relation: segments[0], isRelation: true}, nil
	case len(segments) == 2 && segments[0] == "rpc":
		return resource{routine: segments[1], isRoutine: true}, nil
	default:
		return resource{}, apierr.InvalidPath()
	}
}

// pathSegments splits a path and unescapes its pieces; a "/" at the end makes
// an empty one.
func pathSegments(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = queryparams.ValidText(queryparams.UnescapePath(s))
	}
	return segments
}

// action joins the target of the path with the method.
func (r resource) action(method, schema string) (Action, error) {
	var a Action
	var ok bool
	switch {
	case r.isRoutine:
		a.Target.Name = r.routine
		if a.Kind, ok = routineAction(method); !ok {
			return a, apierr.InvalidRPCMethod(method)
		}
	case r.isRelation:
		a.Target.Name = r.relation
		a.Kind, ok = relationAction(method)
	default:
		a.Kind, ok = schemaAction(method)
	}
	if !ok {
		return a, apierr.UnsupportedMethod(method)
	}
	a.Target = ident.Qualified{Schema: schema, Name: a.Target.Name}
	a.HeadersOnly = method == "HEAD"
	return a, nil
}

func routineAction(method string) (ActionKind, bool) {
	switch method {
	case "GET", "HEAD":
		return ReadRoutine, true
	case "POST":
		return CallRoutine, true
	case "OPTIONS":
		return RoutineInfo, true
	default:
		return 0, false
	}
}

func relationAction(method string) (ActionKind, bool) {
	switch method {
	case "GET", "HEAD":
		return ReadRelation, true
	case "POST":
		return CreateRows, true
	case "PUT":
		return UpsertRow, true
	case "PATCH":
		return UpdateRows, true
	case "DELETE":
		return DeleteRows, true
	case "OPTIONS":
		return RelationInfo, true
	default:
		return 0, false
	}
}

func schemaAction(method string) (ActionKind, bool) {
	switch method {
	case "GET", "HEAD":
		return ReadSchema, true
	case "OPTIONS":
		return SchemaInfo, true
	default:
		return 0, false
	}
}

// readSchema takes the schema from the profile header of the method, else the
// default. With several schemas to choose from even the default counts as
// chosen, so that the answer names it.
func (q *Request) readSchema(r Raw, o Options) error {
	name := "accept-profile"
	switch r.Method {
	case "DELETE", "PATCH", "POST", "PUT":
		name = "content-profile"
	}
	profile, ok := r.header(name)
	if !ok {
		q.Schema, q.NegotiatedByProfile = o.Schemas[0], len(o.Schemas) != 1
		return nil
	}
	profile = queryparams.ValidText(profile)
	if !slices.Contains(o.Schemas, profile) {
		return apierr.UnacceptableSchema(profile, o.Schemas)
	}
	q.Schema, q.NegotiatedByProfile = profile, true
	return nil
}

// readHeaders takes the headers that cannot be malformed.
func (q *Request) readHeaders(r Raw, o Options) {
	q.Accept = []mediatype.Type{{Kind: mediatype.Any}}
	if accept, ok := r.header("accept"); ok {
		q.Accept = mediatype.ParseAccept(accept)
	}
	q.ContentType.Kind = mediatype.JSON
	if contentType, ok := r.header("content-type"); ok {
		q.ContentType = mediatype.Parse(contentType)
	}
	var prefer []string
	for _, f := range r.Header {
		if f.Name == "prefer" {
			prefer = append(prefer, f.Value)
		}
	}
	q.Preferences = ParsePreferences(prefer, o.TxAllowOverride)
	q.Headers, q.Cookies = r.SplitCookies()
}

// SplitCookies returns the headers without that of the cookies, and the cookies:
// functions in the database may look at both.
func (r Raw) SplitCookies() (headers, cookies []Field) {
	cookie, ok := r.header("cookie")
	if !ok {
		return r.Header, nil
	}
	headers = make([]Field, 0, len(r.Header))
	for _, f := range r.Header {
		if f.Name != "cookie" {
			headers = append(headers, f)
		}
	}
	return headers, parseCookies(cookie)
}

// parseCookies splits a Cookie header; quotes around a value are dropped.
func parseCookies(header string) []Field {
	var cookies []Field
	for header != "" {
		var cookie string
		cookie, header, _ = strings.Cut(header, ";")
		name, value, _ := strings.Cut(cookie, "=")
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		cookies = append(cookies, Field{strings.TrimLeft(name, " "), value})
	}
	return cookies
}
