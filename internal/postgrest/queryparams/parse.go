package queryparams

import (
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Parse reads a query string as it stood behind the "?".
//
// The error is an *apierr.Error with code PGRST100. Of several errors the one
// that PostgREST meets first is returned: order, logic, columns, select,
// filters, on_conflict. Text that is no UTF-8 is refused before all, where
// PostgREST fails.
func Parse(raw string, o Options) (*Query, error) {
	pairs := splitQuery(raw)
	if slices.ContainsFunc(pairs, pair.isMalformed) {
		return nil, apierr.QueryParam("failed to parse query string", "The query string is not valid UTF-8.")
	}
	q := &Query{Canonical: canonical(slices.Clone(pairs)), Ranges: ranges(pairs)}
	for _, stage := range []func(*Query, []pair, Options) error{
		(*Query).readOrder, (*Query).readLogic, (*Query).readColumns,
		(*Query).readSelect, (*Query).readFilters, (*Query).readOnConflict,
	} {
		if err := stage(q, pairs, o); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// lastWord returns the last part of a key, which names the kind of parameter.
func lastWord(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// first returns the value of the first parameter with that key.
func first(pairs []pair, key string) (string, bool) {
	for _, p := range pairs {
		if p.key == key {
			return p.value, p.hasValue
		}
	}
	return "", false
}

func (q *Query) readOrder(pairs []pair, _ Options) error {
	for _, p := range pairs {
		if !p.hasValue || lastWord(p.key) != "order" {
			continue
		}
		path, _, err := parseTreePath(p.key)
		if err != nil {
			return err
		}
		terms, err := ParseOrder(p.value)
		if err != nil {
			return err
		}
		q.Order = append(q.Order, PathOrder{path, terms})
	}
	return nil
}

func (q *Query) readLogic(pairs []pair, _ Options) error {
	for _, p := range pairs {
		if word := lastWord(p.key); !p.hasValue || word != "and" && word != "or" {
			continue
		}
		path, op, err := parseLogicPath(p.key)
		if err != nil {
			return err
		}
		tree, err := parseLogic(op, p.value)
		if err != nil {
			return err
		}
		q.Logic = append(q.Logic, PathLogic{path, tree})
	}
	return nil
}

func (q *Query) readColumns(pairs []pair, _ Options) error {
	text, ok := first(pairs, "columns")
	if !ok {
		return nil
	}
	names, err := parseNames("columns parameter", text)
	q.Columns, q.HasColumns = sortedSet(names), true
	return err
}

func (q *Query) readSelect(pairs []pair, _ Options) error {
	text, ok := first(pairs, "select")
	if !ok {
		text = "*"
	}
	var err error
	q.Select, err = ParseSelect(text)
	return err
}

func (q *Query) readFilters(pairs []pair, o Options) error {
	for _, p := range pairs {
		if !p.hasValue || !IsFilter(p.key) {
			continue
		}
		path, field, err := parseTreePath(p.key)
		if err != nil {
			return err
		}
		q.FilterKeys = append(q.FilterKeys, p.key)
		not, op, isFilter, err := parseFilterValue(p.value, o.RoutineRead)
		switch {
		case err != nil:
			return err
		case isFilter:
			q.Filters = append(q.Filters, PathFilter{path, Filter{field, not, op}})
		default:
			q.Params = append(q.Params, Param{field.Name, p.value})
		}
	}
	q.FilterKeys = sortedSet(q.FilterKeys)
	return nil
}

// IsFilter reports whether the value of a parameter is a filter, or an
// argument of a function.
func IsFilter(key string) bool {
	switch key {
	case "select", "columns", "on_conflict":
		return false
	}
	switch lastWord(key) {
	case "order", "limit", "offset", "and", "or":
		return false
	}
	return true
}

func (q *Query) readOnConflict(pairs []pair, _ Options) error {
	text, ok := first(pairs, "on_conflict")
	if !ok {
		return nil
	}
	var err error
	q.OnConflict, err = parseNames("on_conflict parameter", text)
	q.HasOnConflict = true
	return err
}

func sortedSet(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// levelRange is the limit and offset of one level; of repeated parameters the
// last counts.
type levelRange struct {
	key                 string
	limit, offset       Range
	hasLimit, hasOffset bool
}

// ranges collects limit and offset by level, sorted by key.
func ranges(pairs []pair) []PathRange {
	levels := levelRanges(pairs)
	slices.SortStableFunc(levels, func(a, b levelRange) int { return strings.Compare(a.key, b.key) })
	var out []PathRange
	for i, l := range levels {
		if i+1 < len(levels) && levels[i+1].key == l.key {
			levels[i+1] = l.overlaid(levels[i+1])
			continue
		}
		out = append(out, PathRange{l.key, l.combined()})
	}
	return out
}

// levelRanges returns each limit and each offset by itself, in URL order.
func levelRanges(pairs []pair) []levelRange {
	var levels []levelRange
	for _, p := range pairs {
		if !p.hasValue {
			continue
		}
		switch word := lastWord(p.key); word {
		case "limit":
			levels = append(levels, levelRange{key: p.key, hasLimit: true, limit: limitRange(p.value)})
		case "offset":
			key := strings.TrimSuffix(p.key, word) + "limit"
			levels = append(levels, levelRange{key: key, hasOffset: true, offset: offsetRange(p.value)})
		}
	}
	return levels
}

// overlaid returns l with the bounds that later gives for the same level.
func (l levelRange) overlaid(later levelRange) levelRange {
	if later.hasLimit {
		l.hasLimit, l.limit = true, later.limit
	}
	if later.hasOffset {
		l.hasOffset, l.offset = true, later.offset
	}
	return l
}

// combined moves the limit behind the offset. A limit that is no number counts
// as 0 there, although it means all rows without an offset: as PostgREST.
func (l levelRange) combined() Range {
	switch {
	case !l.hasOffset:
		return l.limit
	case !l.hasLimit:
		return l.offset
	default:
		return l.offset.withRows(l.limit)
	}
}
