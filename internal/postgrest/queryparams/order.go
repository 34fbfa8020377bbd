package queryparams

// OrderTerm is one item of "order".
type OrderTerm struct {
	Relation  string // "" or the to-one embed whose column orders the parent
	Field     Field
	Direction Direction
	Nulls     NullsOrder
}

// Direction is asc or desc.
type Direction uint8

// The directions.
const (
	DirectionDefault Direction = iota // not given
	Asc
	Desc
)

// NullsOrder is nullsfirst or nullslast.
type NullsOrder uint8

// The places of nulls.
const (
	NullsDefault NullsOrder = iota // not given
	NullsFirst
	NullsLast
)
