// Package apirequest reads an HTTP request as the client's intent: an
// action on a relation, routine or schema, with its parameters, range,
// preferences, payload and media types.
//
// It checks form alone, in PostgREST's order of checks. It never asks whether
// the relation exists or the role may touch it.
package apirequest

import (
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Field is one header line or one cookie.
type Field struct {
	Name, Value string
}

// Raw is a request as it stands on the wire, below the API root.
type Raw struct {
	Method   string
	Path     string  // percent-encoded as sent, begins with "/"
	RawQuery string  // without "?"
	Header   []Field // names in lower case, in wire order, repeated names kept
	Body     []byte
	Budget   Budget // of the body
}

// Options are the settings that bear on reading a request.
type Options struct {
	Schemas         []string // exposed; the first is the default; never empty
	OpenAPIDisabled bool
	RootSpec        string // function that answers "/"; "" for the OpenAPI description
	TxAllowOverride bool   // Prefer: tx=... is heard
}

// Range is a span of rows; see queryparams.Range.
type Range = queryparams.Range

// Request is an HTTP request, read: action, parameters, range, preferences, body.
type Request struct {
	Action Action
	// Ranges holds one range for each level that has one, the top level's
	// (key "limit") always.
	Ranges        []queryparams.PathRange
	TopLevelRange Range
	Payload       Payload // Kind is PayloadNone when the action takes none
	Preferences   Preferences
	Query         *queryparams.Query
	// Columns are the payload's, or those of the "columns" parameter where it
	// decides; sorted, without repeats.
	Columns []string
	Headers []Field // without cookies
	Cookies []Field
	Path    string // as sent
	Method  string
	Schema  string
	// NegotiatedByProfile reports whether Content-Profile belongs in the answer.
	NegotiatedByProfile bool
	Accept              []mediatype.Type // the preferred first
	ContentType         mediatype.Type
}

// ActionKind is a read, a write, a call or a description.
type ActionKind uint8

// The actions.
const (
	ReadRelation ActionKind = iota // GET, HEAD
	CreateRows                     // POST
	UpdateRows                     // PATCH
	UpsertRow                      // PUT: exactly one row, named by its key
	DeleteRows                     // DELETE
	ReadRoutine                    // GET, HEAD: arguments from the URL, read-only
	CallRoutine                    // POST: arguments from the body
	ReadSchema                     // GET, HEAD on the root
	RelationInfo                   // OPTIONS
	RoutineInfo                    // OPTIONS
	SchemaInfo                     // OPTIONS
)

// Action is the operation of a request with its target.
type Action struct {
	Kind        ActionKind
	Target      ident.Qualified // relation or routine; only Schema is set for the schema's actions
	HeadersOnly bool            // HEAD
}

// IsMutation reports whether the action changes rows of a relation.
func (a Action) IsMutation() bool {
	switch a.Kind {
	case CreateRows, UpdateRows, UpsertRow, DeleteRows:
		return true
	default:
		return false
	}
}

// PayloadKind is the form of a body.
type PayloadKind uint8

// The forms of a body.
const (
	PayloadNone   PayloadKind = iota
	PayloadJSON               // Raw is valid JSON, an object or an array of objects with Keys in each
	PayloadRows               // Rows: CSV, or a form as one row
	PayloadRaw                // Raw is JSON that was not looked at, because "columns" names the keys
	PayloadForm               // Form and Keys: a routine's arguments
	PayloadScalar             // Raw is one unnamed argument: text, XML or bytes
)

// Payload is the body of a request.
type Payload struct {
	Kind PayloadKind
	Raw  []byte
	Form []Field  // in body order
	Rows *Rows    // with the names in Keys
	Keys []string // sorted, without repeats
}
