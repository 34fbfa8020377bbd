package apirequest

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// parse reads a request in PostgREST's order: the first thing wrong is the
// one that is told.
func parse(r Raw, o Options) (*Request, error) {
	kind, err := resourceOf(r.Path, o)
	if err != nil {
		return nil, err
	}
	out := &Request{Method: r.Method, Path: r.Path}
	if out.Schema, out.NegotiatedByProfile, err = schemaOf(r, o); err != nil {
		return nil, err
	}
	if out.Action, err = kind.action(out.Schema, r.Method); err != nil {
		return nil, err
	}
	readRoutine := out.Action.Kind == ReadRoutine
	if out.Query, err = queryparams.Parse(r.RawQuery, queryparams.Options{RoutineRead: readRoutine}); err != nil {
		return nil, err
	}
	if err = out.readRanges(r); err != nil {
		return nil, err
	}
	out.ContentType = mediatype.Type{Kind: mediatype.JSON}
	if text, ok := header(r.Header, "content-type"); ok {
		out.ContentType = mediatype.Parse(text)
	}
	if err = out.readPayload(r.Body); err != nil {
		return nil, err
	}
	out.Preferences = readPreferences(r.Header, o.TxAllowOverride)
	out.Accept = []mediatype.Type{{Kind: mediatype.Any}}
	if text, ok := header(r.Header, "accept"); ok {
		out.Accept = mediatype.ParseAccept(text)
	}
	out.Headers, out.Cookies = splitCookies(r.Header)
	return out, nil
}

// header returns the first header of a name in lower case.
func header(fields []Field, name string) (string, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// resource is what a path names.
type resource struct {
	kind resourceKind
	name string
}

type resourceKind uint8

const (
	schemaResource resourceKind = iota
	relationResource
	routineResource
)

func resourceOf(path string, o Options) (resource, error) {
	segments := pathSegments(path)
	switch {
	case len(segments) == 0 && o.OpenAPIDisabled:
		return resource{}, apierr.OpenAPIDisabled()
	case len(segments) == 0 && o.RootSpec != "":
		return resource{routineResource, o.RootSpec}, nil
	case len(segments) == 0:
		return resource{}, nil
	case len(segments) == 1:
		return resource{relationResource, segments[0]}, nil
	case len(segments) == 2 && segments[0] == "rpc":
		return resource{routineResource, segments[1]}, nil
	default:
		return resource{}, apierr.InvalidPath()
	}
}

// pathSegments splits a path and decodes its segments. A slash at the end is
// no segment of its own at the root only.
func pathSegments(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = unescapePath(s)
	}
	return segments
}

// unescapePath decodes what percent escapes are whole; invalid UTF-8 becomes U+FFFD.
func unescapePath(s string) string {
	if strings.IndexByte(s, '%') >= 0 {
		out := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
				out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
				i += 2
				continue
			}
			out = append(out, s[i])
		}
		s = string(out)
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

func (r resource) action(schema, method string) (Action, error) {
	target := ident.Qualified{Schema: schema, Name: r.name}
	kinds := relationActions
	switch r.kind {
	case routineResource:
		kinds = routineActions
	case schemaResource:
		kinds = schemaActions
	case relationResource:
	}
	kind, ok := kinds[method]
	switch {
	case !ok && r.kind == routineResource:
		return Action{}, apierr.InvalidRPCMethod(method)
	case !ok:
		return Action{}, apierr.UnsupportedMethod(method)
	}
	return Action{Kind: kind, Target: target, HeadersOnly: method == "HEAD"}, nil
}

// What each method does, by resource; read only.
var (
	relationActions = map[string]ActionKind{
		"GET": ReadRelation, "HEAD": ReadRelation, "POST": CreateRows, "PATCH": UpdateRows,
		"PUT": UpsertRow, "DELETE": DeleteRows, "OPTIONS": RelationInfo,
	}
	routineActions = map[string]ActionKind{
		"GET": ReadRoutine, "HEAD": ReadRoutine, "POST": CallRoutine, "OPTIONS": RoutineInfo,
	}
	schemaActions = map[string]ActionKind{
		"GET": ReadSchema, "HEAD": ReadSchema, "OPTIONS": SchemaInfo,
	}
)

// schemaOf picks the schema that a profile header names: Content-Profile for
// writes, Accept-Profile for the rest. With several schemas the default one
// counts as negotiated too.
func schemaOf(r Raw, o Options) (schema string, negotiated bool, err error) {
	name := "accept-profile"
	switch r.Method {
	case "POST", "PATCH", "PUT", "DELETE":
		name = "content-profile"
	}
	profile, ok := header(r.Header, name)
	if !ok {
		return o.Schemas[0], len(o.Schemas) > 1, nil
	}
	for _, s := range o.Schemas {
		if s == profile {
			return s, true, nil
		}
	}
	return "", false, apierr.UnacceptableSchema(profile, o.Schemas)
}

// splitCookies parts the cookies from the other headers.
func splitCookies(fields []Field) (headers, cookies []Field) {
	headers = make([]Field, 0, len(fields))
	read := false
	for _, f := range fields {
		if f.Name != "cookie" {
			headers = append(headers, f)
			continue
		}
		if !read {
			cookies = parseCookies(f.Value)
			read = true
		}
	}
	return headers, cookies
}

func parseCookies(text string) []Field {
	var out []Field
	for pair := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimLeft(pair, " "), "=")
		if name != "" {
			out = append(out, Field{Name: name, Value: strings.Trim(value, `"`)})
		}
	}
	return out
}
