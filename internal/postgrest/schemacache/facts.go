package schemacache

import "github.com/romashka/sidecar/internal/postgrest/ident"

// Facts is the catalog's contents, row by row, before anything is derived.
//
// Slices may come in any order. New keeps the slices: their owner must not
// change them afterwards.
type Facts struct {
	Schemas       []string // exposed to clients
	ServerVersion int      // as server_version_num: 150004

	Tables      []Table      // of the exposed schemas; New fills in the keys of views
	PrimaryKeys []PrimaryKey // of every table that a view shows
	ForeignKeys []ForeignKey // of all schemas
	Views       []ViewSource
	Computed    []ComputedRelationship

	Routines        []Routine
	Representations []Representation
	Handlers        []CustomHandler
	Roles           []Role
}

// PrimaryKey is the key of a table, columns in key order.
type PrimaryKey struct {
	Table   ident.Qualified
	Columns []string
}

// ForeignKey is a foreign key constraint. Those that partitions inherit are left out.
type ForeignKey struct {
	Name           string
	Table, Foreign ident.Qualified
	Columns        []ColumnPair // in key order
	// Unique: Columns are, as a set, a primary key or unique constraint of Table.
	Unique bool
	// InPrimaryKey: Columns are part of the primary key of Table, as those of junctions are.
	InPrimaryKey bool
}

// ViewSource lists the columns of a table that a view shows unchanged, be it
// directly or through other views.
type ViewSource struct {
	View, Table ident.Qualified
	Columns     []ViewColumn
}

// ViewColumn is a column of a table and the names under which a view shows it, at least one.
type ViewColumn struct {
	Column string
	As     []string
}

// ComputedRelationship is a function from a row of Table to rows of Foreign.
type ComputedRelationship struct {
	Function, Table, Foreign ident.Qualified
	ToOne                    bool
}

// CustomHandler is an aggregate over Target's rows, or a function that returns
// a media type domain (Target is then the function, Function the domain).
type CustomHandler struct {
	Function, Target ident.Qualified
	// MediaType is the name of the domain, Resolved the type that "*/*" stands for.
	MediaType, Resolved string
}

// Role is a role that requests may become, with its settings by ALTER ROLE ... SET.
type Role struct {
	Name      string
	Isolation Isolation // of default_transaction_isolation
	Settings  []Setting // the other parameters that may be set at run time, sorted by name
}
