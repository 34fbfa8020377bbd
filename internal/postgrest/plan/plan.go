// Package plan resolves a request against the schema cache: names
// become relations, columns and routines, embeds become joins, or the request
// is refused.
//
// It is pure: no clock, no database, no logger. It never writes SQL.
package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Options are the settings that a plan depends on.
type Options struct {
	MaxRows     int64 // db-max-rows; 0 means no limit
	HasMaxRows  bool  // distinguishes a limit of 0 rows from none
	Aggregates  bool  // db-aggregates-enabled
	PlanMedia   bool  // db-plan-enabled
	LegacyNames bool  // url-use-legacy-target-names

	Limits Limits
}

// Limits are how large a request may be; 0 means no limit.
type Limits struct {
	Depth     int // embeds within embeds
	Embeds    int // embeds at all levels
	Columns   int // items of select, terms of order and names of columns, at all levels
	JSONSteps int // -> and ->> of all JSON paths
	Filters   int // conditions, those of logic trees among them
}

// Kind says which of a Plan's parts are set.
type Kind int

const (
	Read         Kind = iota // Tree
	Write                    // Tree, Mutation
	Call                     // Tree, Routine, Arguments
	Describe                 // the OpenAPI description of Schema
	InfoRelation             // OPTIONS of a table or view
	InfoRoutine              // OPTIONS of a function
	InfoSchema               // OPTIONS of the root
)

// Plan is a request that can be carried out.
type Plan struct {
	Kind     Kind
	Target   ident.Qualified // relation or routine, as requested
	Tree     *Node
	Mutation *Mutation
	Routine  *schemacache.Routine
	Call     *CallPlan
	Table    *schemacache.Table // of InfoRelation

	ReadOnly    bool // the transaction
	HeadersOnly bool // HEAD
	Handler     Handler
	Media       mediatype.Type // of the answer
	Schema      string
}

// IsInfo reports whether the schema cache alone answers.
func (p *Plan) IsInfo() bool {
	return p.Kind == InfoRelation || p.Kind == InfoRoutine || p.Kind == InfoSchema
}

// Explain reports whether the client asked for the execution plan instead of the rows.
func (p *Plan) Explain() bool { return p.Media.Kind == mediatype.PlanKind }

// Streams reports whether the rows are to be sent as they come: a format of
// one line a row, read, and nothing to decide before the end. The CSV of a
// call is made whole: its header names the routine's columns, not the select's.
func (p *Plan) Streams() bool {
	if p.Explain() {
		return false
	}
	switch p.Handler.Kind {
	case NDJSON:
		return p.Kind == Read || p.Kind == Call && p.ReadOnly
	case CSV:
		return p.Kind == Read
	default:
		return false
	}
}

// Legacy lists the embeds that were reached by a name that their alias
// replaced: pairs of relation name and alias.
func (p *Plan) Legacy() [][2]string {
	var found [][2]string
	if p.Tree == nil {
		return nil
	}
	p.Tree.Walk(func(n *Node) {
		if n.ByLegacyName && n.As != "" {
			found = append(found, [2]string{n.Name, n.As})
		}
	})
	return found
}

// MutationKind is the kind of a write.
type MutationKind int

const (
	Insert MutationKind = iota // POST, and PUT with a conflict
	Update                     // PATCH
	Delete                     // DELETE
)

// Mutation is the write of a request.
type Mutation struct {
	Kind          MutationKind
	Action        apirequest.Action // distinguishes PUT from POST
	Target        ident.Qualified
	Columns       []Field
	Body          []byte           // JSON
	Rows          *apirequest.Rows // in place of Body; nil for none
	Where         []Logic
	Returning     []string // columns that the read over the written rows needs
	Conflict      *Conflict
	PrimaryKey    []string // for the Location of an insert
	ApplyDefaults bool
}

// Conflict is an insert's treatment of rows that exist.
type Conflict struct {
	Merge   bool // else such rows are left alone
	Columns []string
}

// CallPlan is the call of a routine.
type CallPlan struct {
	Name ident.Qualified
	// Params are the parameters to pass by name; Unnamed, when set, takes the
	// whole body instead.
	Params  []schemacache.Param
	Unnamed *schemacache.Param
	// Direct holds the arguments of a GET or a form; otherwise Body is JSON
	// (or raw for Unnamed).
	Direct    []Argument
	IsDirect  bool
	Body      []byte
	Rows      *apirequest.Rows // in place of Body; nil for none
	Returning []string         // columns that the read over the result needs
}

// Argument is the value of a parameter: one, or several of a variadic one.
type Argument struct {
	Name     string
	Value    string
	Values   []string
	Variadic bool
}
