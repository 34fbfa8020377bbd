// Package mediatype reads and writes media types: the Accept and Content-Type
// of a request, the Content-Type of an answer.
//
// It knows PostgREST's vendored types and their parameters. It never chooses a
// type: the plan decides which ones can be produced.
package mediatype

import "strings"

// Kind is a media type that the server treats by name.
type Kind uint8

// The kinds.
const (
	Other         Kind = iota // anything else: Type.Name holds it
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
	For  Type // the type whose query is explained
	JSON bool // +json rather than text
	// The EXPLAIN options.
	Analyze, Verbose, Settings, Buffers, WAL bool
}

// Options returns the names of the EXPLAIN options that are on, in the order
// in which they are written.
func (p *Plan) Options() []string {
	var names []string
	for _, option := range []struct {
		on   bool
		name string
	}{
		{p.Analyze, "analyze"}, {p.Verbose, "verbose"}, {p.Settings, "settings"},
		{p.Buffers, "buffers"}, {p.WAL, "wal"},
	} {
		if option.on {
			names = append(names, option.name)
		}
	}
	return names
}

// String returns the type as PostgREST writes it, without a charset. Parse
// reads it back to an equal type.
func (t Type) String() string {
	switch t.Kind {
	case Any:
		return "*/*"
	case JSON:
		return "application/json"
	case ArrayStripped:
		return "application/vnd.pgrst.array+json;nulls=stripped"
	case Object:
		if t.NullsStripped {
			return "application/vnd.pgrst.object+json;nulls=stripped"
		}
		return "application/vnd.pgrst.object+json"
	case GeoJSON:
		return "application/geo+json"
	case CSV:
		return "text/csv"
	case Text:
		return "text/plain"
	case XML:
		return "text/xml"
	case OpenAPI:
		return "application/openapi+json"
	case URLEncoded:
		return "application/x-www-form-urlencoded"
	case OctetStream:
		return "application/octet-stream"
	case NDJSON:
		return "application/x-ndjson"
	case PlanKind:
		return t.Plan.string()
	default:
		return t.Name
	}
}

func (p *Plan) string() string {
	format := "text"
	if p.JSON {
		format = "json"
	}
	s := "application/vnd.pgrst.plan+" + format + `; for="` + p.For.String() + `"`
	if options := p.Options(); len(options) > 0 {
		s += "; options=" + strings.Join(options, "|")
	}
	return s
}

// ContentType returns the value of a Content-Type header: the type, with a
// charset unless its bytes are somebody else's affair.
func (t Type) ContentType() string {
	switch t.Kind {
	case JSON:
		return "application/json; charset=utf-8"
	case OctetStream, Other, NDJSON:
		return t.String()
	default:
		return t.String() + "; charset=utf-8"
	}
}
