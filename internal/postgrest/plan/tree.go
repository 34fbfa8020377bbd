package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// SourceCTE names the common table expression that holds the rows of the
// request's target; on writes and calls the tree is rooted in it.
const SourceCTE = "pgrst_source"

// Node is one relation of a read: the root, or an embed below it.
type Node struct {
	Select []SelectField
	From   ident.Qualified
	Alias  string // of From in SQL; "" means none
	Where  []Logic
	Order  []OrderTerm
	Range  queryparams.Range

	Name     string                    // as the request names the relation
	As       string                    // the request's alias; "" means none
	Hint     string                    // after "!"; "" means none
	Join     queryparams.JoinType      // !inner, !left or unsaid
	Relation *schemacache.Relationship // to the parent; nil at the root
	// ParentAlias is the SQL name of the parent's row, the argument of a
	// computed relationship; "" means the relationship's own table.
	ParentAlias string
	On          []JoinCondition
	AggAlias    string // SQL name of this embed's lateral subquery

	Spread      Spread
	SpreadExtra []SpreadExtra // selected only to be ordered by, to-many spreads
	SpreadOrder []OrderTerm   // within each spread array

	RelSelect []RelSelect // the children's columns in this node's rows
	Depth     int
	// ByLegacyName is set when a filter, order or limit reached the node by
	// its relation's name although it has an alias.
	ByLegacyName bool
	Children     []*Node

	// The items as the request gives them, until resolve gives them types.
	items   []*queryparams.SelectItem
	filters []queryparams.Filter
	logic   []queryparams.LogicTree
	order   []queryparams.OrderTerm
	table   *schemacache.Table // nil when the schema cache does not know it
}

// OutName is the key of the embed in its parent's JSON.
func (n *Node) OutName() string {
	if n.As != "" {
		return n.As
	}
	return n.Name
}

// Walk visits n and all below it, parents first.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, child := range n.Children {
		child.Walk(visit)
	}
}

// Spread says how an embed's columns join the parent's.
type Spread int

const (
	NoSpread     Spread = iota // they stay in an object of their own
	SpreadToOne                // as columns
	SpreadToMany               // as columns of arrays
)

// Field is a named element of the query with its type as far as known.
type Field struct {
	Name   string
	Path   []queryparams.JSONStep
	ToJSON bool // the path needs to_jsonb() around the column
	// TSVector is set where the column is to be searched as a document;
	// its language may be "".
	TSVector  *TSVector
	Type      string // nominal type, a domain's own name; "" means unknown
	BaseType  string // below domains, without modifiers
	Transform string // function (as SQL) between Type and the wire; "" means none
	Default   string // SQL; "" means none
	FullRow   bool   // the whole row, for count() over a spread
}

// TSVector is the argument of to_tsvector.
type TSVector struct {
	Language string // "" means the default configuration
}

// SelectField is one output column.
type SelectField struct {
	Field         Field
	Aggregate     queryparams.Aggregate
	AggregateCast string
	Cast          string
	As            string
}

// SpreadExtra is a column of a to-many spread that only its order needs.
type SpreadExtra struct {
	Table string // SQL name of the related table; "" means the node's own
	Field SelectField
}

// Logic is a tree of conditions: either Filter is set, or Children are joined
// by Op.
type Logic struct {
	Filter   *Filter
	Negated  bool
	Op       queryparams.LogicOperator
	Children []Logic
}

// Filter is one condition. With NullEmbed it asks whether an embed is empty.
type Filter struct {
	Field     Field
	Operation queryparams.Operation
	Negated   bool
	NullEmbed string // aggregate alias of the embed; "" for an ordinary filter
}

// OrderTerm orders by a field of the node, or of a to-one embed.
type OrderTerm struct {
	Relation  string // request's name, then aggregate alias of the embed; "" = own field
	Field     Field
	Direction queryparams.Direction
	Nulls     queryparams.NullsOrder
}

// JoinCondition equates two columns.
type JoinCondition struct {
	Left, Right Column
}

// Column is a column of a table or alias.
type Column struct {
	Table ident.Qualified
	Name  string
}

// RelSelect is the part of a parent's row that one child fills.
type RelSelect struct {
	Name     string // output key; "" for a spread
	AggAlias string
	ToMany   bool
	Empty    bool // nothing selected: joined, not shown
	Spread   []SpreadField
	IsSpread bool
	Child    *Node
}

// SpreadField is one column that a spread adds to the parent's row.
type SpreadField struct {
	Name          string
	Aggregate     queryparams.Aggregate
	AggregateCast string
	As            string
}
