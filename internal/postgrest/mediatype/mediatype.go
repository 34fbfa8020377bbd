// Package mediatype reads and writes media types: the Accept and Content-Type
// of a request, the Content-Type of an answer.
//
// It knows PostgREST's vendored types and their parameters. It never chooses a
// type: what can be produced is the plan's to say.
package mediatype

// Kind is a media type that the server treats by name.
type Kind uint8

// The kinds.
const (
	Other         Kind = iota // anything else: Type.Name says what
	Any                       // */*
	JSON                      // application/json, application/vnd.pgrst.array(+json)
	ArrayStripped             // application/vnd.pgrst.array+json;nulls=stripped
	Object                    // application/vnd.pgrst.object+json
	GeoJSON                   // application/geo+json
	CSV                       // text/csv
	Text                      // text/plain
	XML                       // text/xml
	OpenAPI                   // application/openapi+json
	URLEncoded                // application/x-www-form-urlencoded
	OctetStream               // application/octet-stream
	NDJSON                    // application/x-ndjson
	PlanKind                  // application/vnd.pgrst.plan(+json|+text)
)

// Type is one media type. Types without a Plan compare with ==.
type Type struct {
	Kind Kind
	// Name is the whole type as received, of Other only.
	Name string
	// NullsStripped is Object's nulls=stripped.
	NullsStripped bool
	// Plan is set for PlanKind only.
	Plan *Plan
}

// Plan holds the parameters of an execution plan's type.
type Plan struct {
	For  Type // whose query is explained
	JSON bool // +json rather than text
	// The EXPLAIN options.
	Analyze, Verbose, Settings, Buffers, WAL bool
}

// Parse reads one media type. It never fails: what it cannot read is Other.
func Parse(text string) Type { return parse(text) }

// ParseAccept reads an Accept header into the types it names, the preferred
// first. An empty header names none.
func ParseAccept(header string) []Type { return parseAccept(header) }

// String returns the type as PostgREST writes it, without a charset.
func (t Type) String() string { return t.string() }

// ContentType returns the value of a Content-Type header.
func (t Type) ContentType() string {
	switch t.Kind {
	case OctetStream, Other, NDJSON:
		return t.String()
	default:
		return t.String() + "; charset=utf-8"
	}
}
