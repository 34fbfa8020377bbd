package queryparams

// Filter is one condition on a field.
type Filter struct {
	Field     Field
	Not       bool
	Operation Operation
}

// Operation is an operator with its operand. Which of Value, Values and Is
// holds the operand depends on Op: Values for In, Is for IsOp, Value otherwise.
type Operation struct {
	Op         Operator
	Quantifier Quantifier // only of Eq to IMatch
	Language   string     // only of the full text operators; "" for none
	Value      string
	Values     []string
	Is         IsValue
}

// Operator is the word before the dot in "eq.5".
type Operator uint8

// The operators. Eq to IMatch take a quantifier.
const (
	OpNone         Operator = iota // never in a parsed Filter
	Eq                             // =
	Gte                            // >=
	Gt                             // >
	Lte                            // <=
	Lt                             // <
	Like                           // like, "*" for "%"
	ILike                          // ilike, "*" for "%"
	Match                          // ~
	IMatch                         // ~*
	Neq                            // <>
	Contains                       // cs, @>
	ContainedIn                    // cd, <@
	Overlap                        // ov, &&
	StrictlyLeft                   // sl, <<
	StrictlyRight                  // sr, >>
	NotExtendRight                 // nxr, &<
	NotExtendLeft                  // nxl, &>
	Adjacent                       // adj, -|-
	In                             // in.(a,b)
	IsOp                           // is.null
	IsDistinct                     // isdistinct, IS DISTINCT FROM
	FTS                            // fts, to_tsquery
	FTSPlain                       // plfts, plainto_tsquery
	FTSPhrase                      // phfts, phraseto_tsquery
	FTSWeb                         // wfts, websearch_to_tsquery
)

// The words of the operators, by Operator. Read-only.
var operatorWords = [...]string{
	OpNone: "", Eq: "eq", Gte: "gte", Gt: "gt", Lte: "lte", Lt: "lt", Like: "like", ILike: "ilike",
	Match: "match", IMatch: "imatch", Neq: "neq", Contains: "cs", ContainedIn: "cd", Overlap: "ov",
	StrictlyLeft: "sl", StrictlyRight: "sr", NotExtendRight: "nxr", NotExtendLeft: "nxl", Adjacent: "adj",
	In: "in", IsOp: "is", IsDistinct: "isdistinct",
	FTS: "fts", FTSPlain: "plfts", FTSPhrase: "phfts", FTSWeb: "wfts",
}

// String returns the operator's word in the URL.
func (o Operator) String() string { return operatorWords[o] }

// IsQuantifiable reports whether (any) and (all) may follow the operator.
func (o Operator) IsQuantifiable() bool { return Eq <= o && o <= IMatch }

// IsFullText reports whether the operator searches text and takes a language.
func (o Operator) IsFullText() bool { return FTS <= o && o <= FTSWeb }

// operatorNamed returns the operator of a word, OpNone for any other word and
// for "in" and "is", whose operands have a form of their own.
func operatorNamed(word string) Operator {
	for o := Eq; o <= FTSWeb; o++ {
		if operatorWords[o] == word && o != In && o != IsOp {
			return o
		}
	}
	return OpNone
}

// Quantifier is the (any) or (all) behind an operator.
type Quantifier uint8

// The quantifiers.
const (
	QuantifierNone Quantifier = iota
	Any
	All
)

// IsValue is the operand of IsOp.
type IsValue uint8

// The operands of IsOp.
const (
	IsNothing IsValue = iota // never in a parsed IsOp
	IsNull
	IsNotNull
	IsTrue
	IsFalse
	IsUnknown
)

// The words of the operands of IsOp, by IsValue. Read-only.
var isWords = [...]string{
	IsNothing: "", IsNull: "null", IsNotNull: "not_null", IsTrue: "true", IsFalse: "false", IsUnknown: "unknown",
}

// String returns the operand's word in the URL.
func (v IsValue) String() string { return isWords[v] }

// LogicTree is a boolean expression over filters: a leaf when Filter is not
// nil, else Op over Children.
type LogicTree struct {
	Filter   *Filter
	Not      bool // of an inner node; a leaf negates in its Filter
	Op       LogicOperator
	Children []LogicTree // at least one in an inner node
}

// LogicOperator joins the children of a LogicTree.
type LogicOperator uint8

// The logic operators.
const (
	And LogicOperator = iota
	Or
)
