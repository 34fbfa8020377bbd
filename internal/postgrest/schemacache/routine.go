package schemacache

import "github.com/romashka/sidecar/internal/postgrest/ident"

// Volatility is a function's promise about its side effects.
type Volatility uint8

// The volatilities, in the order in which overloads are listed.
const (
	Volatile Volatility = iota
	Stable
	Immutable
)

// Isolation is a transaction isolation level that a function or a role asks for.
type Isolation uint8

// The isolation levels. PostgreSQL runs read uncommitted as ReadCommitted.
const (
	IsolationUnset Isolation = iota
	ReadCommitted
	RepeatableRead
	Serializable
)

// SQL is the level as in SET TRANSACTION ISOLATION LEVEL; "" when unset.
func (i Isolation) SQL() string {
	switch i {
	case ReadCommitted:
		return "READ COMMITTED"
	case RepeatableRead:
		return "REPEATABLE READ"
	case Serializable:
		return "SERIALIZABLE"
	case IsolationUnset:
		return ""
	default:
		return ""
	}
}

// Setting is a run-time parameter and its value.
type Setting struct {
	Name, Value string
}

// Routine is one function that clients may call; overloads are Routines of one name.
type Routine struct {
	OID         uint32 // by which a role's privileges are matched
	Name        ident.Qualified
	Description string  // "" = none
	Params      []Param // input parameters in order; a single unnamed one takes the whole body
	Returns     ReturnType
	Volatility  Volatility
	Variadic    bool
	Isolation   Isolation // IsolationUnset = the role's
	Settings    []Setting // to set before the call, by db-hoisted-tx-settings
}

// Param is an input parameter of a Routine.
type Param struct {
	Name string // "" = unnamed
	Type string
	// CastType is Type without a length that would cut a value short: bit becomes bit
	// varying, character becomes character varying.
	CastType string
	Required bool // has no default
	Variadic bool
}

// ReturnType is the type that a Routine returns.
type ReturnType struct {
	Type  ident.Qualified // domains are resolved; pg_catalog.void for nothing
	SetOf bool
	// Composite: rows with columns, by a composite type, RETURNS TABLE or OUT parameters.
	Composite bool
	// Alias: Composite by a domain over a composite type.
	Alias bool
}

// Void reports whether the routine returns nothing.
func (r *Routine) Void() bool {
	return r.Scalar() && r.Returns.Type == ident.Qualified{Schema: "pg_catalog", Name: "void"}
}

// Single reports whether the routine returns exactly one value or row.
func (r *Routine) Single() bool { return !r.Returns.SetOf }

// Scalar reports whether the routine returns one value that is no row.
func (r *Routine) Scalar() bool { return !r.Returns.SetOf && !r.Returns.Composite }

// SetOfScalar reports whether the routine returns a set of values that are no rows.
func (r *Routine) SetOfScalar() bool { return r.Returns.SetOf && !r.Returns.Composite }

// TableName is the name of the composite type returned, by which the result
// embeds relationships of the table of that name; "" for scalars.
func (r *Routine) TableName() string {
	if !r.Returns.Composite {
		return ""
	}
	return r.Returns.Type.Name
}
