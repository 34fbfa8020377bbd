// Package queryparams reads the query string: select, filters, logic trees,
// order, ranges, columns, on_conflict.
//
// It knows the grammar and nothing else: neither the method nor the schema.
// All that may repeat is kept in URL order in slices, so that equal URLs give
// equal SQL. A NUL (%00) passes as ordinary text; exec refuses it, because
// PostgreSQL has no text with a NUL.
package queryparams

// Query is a parsed query string.
type Query struct {
	// Canonical is the query string with its keys sorted and its text
	// escaped again; Content-Location shows it.
	Canonical string
	// Params are the arguments of a function called by GET, in URL order:
	// the parameters whose value is no filter. Empty otherwise.
	Params []Param
	// Ranges come from limit and offset, one for each key ("limit",
	// "clients.limit"), sorted by key.
	Ranges []PathRange
	Order  []PathOrder
	Logic  []PathLogic
	// Columns is sorted and without repeats; HasColumns distinguishes an absent
	// parameter from a present one.
	Columns    []string
	HasColumns bool
	// Select is a forest; without the parameter it is one star.
	Select  []SelectItem
	Filters []PathFilter
	// FilterKeys are the keys of all filters (RPC arguments included) as
	// decoded from the URL, sorted and without repeats.
	FilterKeys []string
	// OnConflict keeps URL order; HasOnConflict distinguishes absent from present.
	OnConflict    []string
	HasOnConflict bool
}

// Param is one argument of a function called by GET.
type Param struct {
	Name, Value string
}

// PathFilter is a filter and the embed it applies to; the root has no path.
type PathFilter struct {
	Path   []string
	Filter Filter
}

// PathLogic is a logic tree and the embed it applies to.
type PathLogic struct {
	Path []string
	Tree LogicTree
}

// PathOrder is an "order" parameter and the embed it applies to.
type PathOrder struct {
	Path  []string
	Terms []OrderTerm
}

// PathRange is the limit and offset of one embed. Key is as in the URL with
// "limit" as its last word.
type PathRange struct {
	Key   string
	Range Range
}

// Options change how a query string is read.
type Options struct {
	// RoutineRead is true for a function called by GET or HEAD: a parameter
	// whose value is no filter is then an argument of the function.
	RoutineRead bool
}

// RootFilters returns the filters on the root, in URL order.
func (q *Query) RootFilters() []Filter {
	var root []Filter
	for _, f := range q.Filters {
		if len(f.Path) == 0 {
			root = append(root, f.Filter)
		}
	}
	return root
}

// EmbedPath returns the embed that the range applies to; none for the root.
//
// The key is read only here, where a plan needs it, because a request that
// ignores ranges must not fail on a malformed key. The error has code PGRST100.
func (r PathRange) EmbedPath() ([]string, error) {
	if r.Key == "limit" {
		return nil, nil
	}
	path, _, err := parseTreePath(r.Key)
	return path, err
}
