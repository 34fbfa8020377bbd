package apierr

import (
	"slices"
	"strings"
)

// The PGRST2xx errors: the schema cache has no such thing, or several.

// Sought is a relationship that was looked for and is not there.
type Sought struct {
	Parent, Child string
	Hint          string // the embed's !hint, "" for none
	Schema        string
	Near          string // the closest known name, "" for none
	InsteadOf     string // Near's place: Parent or Child
}

// RelationshipNotFound is PGRST200.
func RelationshipNotFound(s Sought) *Error {
	using := ""
	if s.Hint != "" {
		using = "' using the hint '" + s.Hint
	}
	e := &Error{
		Status: 400, Code: "PGRST200",
		Message: "Could not find a relationship between '" + s.Parent + "' and '" + s.Child + "' in the schema cache",
		Details: Text("Searched for a foreign key relationship between '" + s.Parent + "' and '" + s.Child + using +
			"' in the schema '" + s.Schema + "', but no matches were found."),
	}
	if s.Near != "" {
		e.Hint = Text("Perhaps you meant '" + s.Near + "' instead of '" + s.InsteadOf + "'.")
	}
	return e
}

// The cardinalities of a Candidate.
const (
	ManyToOne  = "many-to-one"
	OneToOne   = "one-to-one"
	OneToMany  = "one-to-many"
	ManyToMany = "many-to-many"
)

// Candidate is one of the relationships that an embed could mean.
type Candidate struct {
	Table, ForeignTable string
	Cardinality         string
	// Constraint is the foreign key. Of a many-to-many relationship it is the
	// junction's key towards Table, with the junction's Columns.
	Constraint string
	Columns    []string
	// ForeignColumns are the columns of ForeignTable; of a many-to-many
	// relationship the junction's columns of ForeignConstraint.
	ForeignColumns    []string
	Junction          string // of many-to-many only
	ForeignConstraint string // of many-to-many only: the junction's key towards ForeignTable
}

// AmbiguousRelationship is PGRST201: child can be embedded in several ways.
func AmbiguousRelationship(parent, child string, candidates []Candidate) *Error {
	details := []byte{'['}
	hints := make([]string, len(candidates))
	for i, c := range candidates {
		if i > 0 {
			details = append(details, ',')
		}
		details = c.appendJSON(details)
		hints[i] = c.hint()
	}
	return &Error{
		Status: 300, Code: "PGRST201",
		Message: "Could not embed because more than one relationship was found for '" + parent + "' and '" + child + "'",
		Details: append(details, ']'),
		Hint: Text("Try changing '" + child + "' to one of the following: " + strings.Join(hints, ", ") +
			". Find the desired relationship in the 'details' key."),
	}
}

// hint returns the embed that means c alone.
func (c Candidate) hint() string {
	by := c.Constraint
	if c.Cardinality == ManyToMany {
		by = c.Junction
	}
	return "'" + c.ForeignTable + "!" + by + "'"
}

func (c Candidate) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"cardinality":`...)
	dst = AppendText(dst, c.Cardinality)
	dst = append(dst, `,"embedding":`...)
	dst = AppendText(dst, c.Table+" with "+c.ForeignTable)
	dst = append(dst, `,"relationship":`...)
	dst = AppendText(dst, c.relationship())
	return append(dst, '}')
}

func (c Candidate) relationship() string {
	columns := "(" + strings.Join(c.Columns, ", ") + ")"
	foreign := "(" + strings.Join(c.ForeignColumns, ", ") + ")"
	if c.Cardinality == ManyToMany {
		return c.Junction + " using " + c.Constraint + columns + " and " + c.ForeignConstraint + foreign
	}
	return c.Constraint + " using " + c.Table + columns + " and " + c.ForeignTable + foreign
}

// Call is a function call that found no function.
type Call struct {
	Schema, Name string
	Args         []string // names, in the order to show
	ContentType  string   // of the body, without parameters
	Post         bool     // called by POST
}

// The media types whose body is a function's single unnamed argument, with
// the type that argument has. Read-only.
var unnamedArgument = map[string]string{
	"text/plain":               "text",
	"text/xml":                 "xml",
	"application/octet-stream": "bytea",
}

// FunctionNotFound is PGRST202. near is the function to call instead, without the
// schema: "name", or "name(arg1, arg2)" when only the arguments differ; "" for
// no hint. A body that is one unnamed argument never gets a hint.
func FunctionNotFound(c Call, near string) *Error {
	unnamed := ""
	if c.Post {
		unnamed = unnamedArgument[c.ContentType]
	}
	function := c.Schema + "." + c.Name
	e := &Error{
		Status: 404, Code: "PGRST202",
		Message: "Could not find the function " + function + c.shownArgs(unnamed) + " in the schema cache",
		Details: Text("Searched for the function " + function + c.searchedArgs(unnamed) +
			", but no matches were found in the schema cache."),
	}
	if near != "" && unnamed == "" {
		e.Hint = Text("Perhaps you meant to call the function " + c.Schema + "." + near)
	}
	return e
}

func (c Call) shownArgs(unnamed string) string {
	switch {
	case unnamed != "":
		return ""
	case len(c.Args) == 0:
		return " without parameters"
	default:
		return "(" + strings.Join(c.Args, ", ") + ")"
	}
}

func (c Call) searchedArgs(unnamed string) string {
	if unnamed != "" {
		return " with a single unnamed " + unnamed + " parameter"
	}
	text := " without parameters"
	switch len(c.Args) {
	case 0:
	case 1:
		text = " with parameter " + c.Args[0]
	default:
		text = " with parameters " + strings.Join(c.Args, ", ")
	}
	if c.Post && c.ContentType == "application/json" {
		text += " or with a single unnamed json/jsonb parameter"
	}
	return text
}

// Signature shows a function as PGRST203 does: schema.name(arg => type, ...).
func Signature(schema, name string, args, types []string) string {
	shown := slices.Clone(args)
	for i := range shown {
		shown[i] += " => " + types[i]
	}
	return schema + "." + name + "(" + strings.Join(shown, ", ") + ")"
}

// AmbiguousFunction is PGRST203. signatures come from Signature.
func AmbiguousFunction(signatures []string) *Error {
	return &Error{
		Status: 300, Code: "PGRST203",
		Message: "Could not choose the best candidate function between: " + strings.Join(signatures, ", "),
		Hint:    Text("Try renaming the parameters or the function itself in the database so function overloading can be resolved"),
	}
}

// ColumnNotFound is PGRST204: the body or "columns" names an unknown column.
func ColumnNotFound(relation, column string) *Error {
	return &Error{Status: 400, Code: "PGRST204", Message: "Could not find the '" + column + "' column of '" + relation + "' in the schema cache"}
}

// TableNotFound is PGRST205. near is the closest table of the schema, "" for
// no hint.
func TableNotFound(schema, name, near string) *Error {
	e := &Error{Status: 404, Code: "PGRST205", Message: "Could not find the table '" + schema + "." + name + "' in the schema cache"}
	if near != "" {
		e.Hint = Text("Perhaps you meant the table '" + schema + "." + near + "'")
	}
	return e
}

// SuggestsStaleCache reports whether e means that the database and the schema
// cache disagree, or may name an object that was just made.
func (e *Error) SuggestsStaleCache() bool {
	switch e.Code {
	case "42P01", "42703", "42883", "PGRST200", "PGRST202", "PGRST204", "PGRST205":
		return true
	default:
		return false
	}
}
