package schemacache

import "github.com/romashka/sidecar/internal/postgrest/ident"

// Cardinality says how many rows of each side a relationship joins.
type Cardinality uint8

// The cardinalities, in the order in which relationships are listed.
const (
	OneToMany Cardinality = iota
	ManyToOne
	OneToOne
	ManyToMany
	Computed // by a function; Relationship.ComputedToOne reports whether it returns one row
)

// Relationship leads from Table to Foreign.
type Relationship struct {
	Table, Foreign ident.Qualified
	// IsSelf: both ends are the same relation. It is false between a table and
	// a view of it, as these have different names.
	IsSelf                     bool
	Cardinality                Cardinality
	TableIsView, ForeignIsView bool

	// Constraint and Columns describe the foreign key of OneToMany, ManyToOne and OneToOne.
	Constraint string
	Columns    []ColumnPair // in key order
	// IsParent distinguishes the two ends of a OneToOne: true when Table is the
	// referenced end. It is a ManyToOne in all but name when false.
	IsParent bool

	Junction *Junction // of ManyToMany, else nil

	// Function returns the foreign rows of a Computed relationship; clients name it as target.
	Function      ident.Qualified
	ComputedToOne bool
}

// ColumnPair is one column of a key on the near side and its partner on the far side.
type ColumnPair struct {
	Column, Foreign string
}

// Junction is the table in the middle of a ManyToMany relationship.
type Junction struct {
	Table ident.Qualified
	// SourceConstraint leads from the junction to Relationship.Table, TargetConstraint to Relationship.Foreign.
	SourceConstraint, TargetConstraint string
	// Source pairs a column of Relationship.Table with one of the junction,
	// Target a column of Relationship.Foreign with one of the junction.
	Source, Target []ColumnPair
}

// ToOne reports whether a row of Table has at most one partner.
func (r *Relationship) ToOne() bool {
	switch r.Cardinality {
	case ManyToOne, OneToOne:
		return true
	case Computed:
		return r.ComputedToOne
	case OneToMany, ManyToMany:
		return false
	default:
		return false
	}
}
