package queryparams

// SelectKind is the kind of an item in "select".
type SelectKind uint8

// The kinds of SelectItem.
const (
	SelectColumn   SelectKind = iota // name, alias:name->path::cast.agg()::cast, *, count()
	SelectRelation                   // alias:relation!hint!inner(...)
	SelectSpread                     // ...relation!hint!inner(...)
)

// SelectItem is one node of the select forest.
type SelectItem struct {
	Kind  SelectKind
	Alias string // "" for none; a spread has none

	// Of a column.
	Field         Field     // Name is "*" for a star and for count()
	Cast          string    // "" for none
	Aggregate     Aggregate // AggregateNone for none
	AggregateCast string    // "" for none

	// Of a relation or spread.
	Relation string
	Hint     string // "" for none: a constraint, column, or junction name
	Join     JoinType
	Children []SelectItem // empty is not "*": it selects nothing
}

// Aggregate is a function applied to a selected column.
type Aggregate uint8

// The aggregates of the grammar.
const (
	AggregateNone Aggregate = iota
	Sum
	Avg
	Max
	Min
	Count
)

// String returns the function's name, as in the URL and in SQL.
func (a Aggregate) String() string {
	switch a {
	case Sum:
		return "sum"
	case Avg:
		return "avg"
	case Max:
		return "max"
	case Min:
		return "min"
	case Count:
		return "count"
	default:
		return ""
	}
}

// JoinType is the !inner or !left mark of an embed.
type JoinType uint8

// The join marks.
const (
	JoinDefault JoinType = iota // no mark; behaves as left
	JoinLeft
	JoinInner
)

// Field is a column with an optional path into its JSON value.
type Field struct {
	Name string
	Path []JSONStep // nil for the column itself
}

// JSONStep is one -> or ->> of a JSON path.
type JSONStep struct {
	AsText  bool   // ->> rather than ->
	Index   bool   // the operand is an array index
	Operand string // a key, or an index with its sign: "+1", "-2"
}
