package visible

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Filter is one condition on a column.
type Filter struct {
	Column, Op string // Op as in the API: "eq", "in", ...
	Value      string // of "in" a PostgreSQL array, "{a,b}"
	Not        bool
}

// operators are those of a filter in SQL. Read-only.
// Source: Supabase Realtime, Subscriptions module.
var operators = map[string]string{
	"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "in": "= ANY",
	"like": "LIKE", "ilike": "ILIKE", "match": "~", "imatch": "~*", "is": "IS", "isdistinct": "IS DISTINCT FROM",
}

// Limits of one filter text.
const (
	maxFilters = 16
	maxFilter  = 4 << 10 // bytes
	maxValues  = 100     // of "in"
)

// keywords are all that IS takes. Read-only.
var keywords = []string{"null", "true", "false", "unknown"}

// ParseFilters reads "column=op.value", several with commas between them, all
// of which must hold. Commas in parentheses and quotes are part of a value.
func ParseFilters(text string) ([]Filter, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if len(text) > maxFilter {
		return nil, fmt.Errorf("a filter has at most %d bytes", maxFilter)
	}
	var list []Filter
	for _, segment := range split(text) {
		f, err := parseFilter(strings.TrimSpace(segment))
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if len(list) > maxFilters {
		return nil, fmt.Errorf("a subscription has at most %d filters", maxFilters)
	}
	return list, nil
}

// split cuts at commas outside of parentheses and quotes. A quote opens where
// a value begins: after a point, a parenthesis or a comma.
func split(text string) (segments []string) {
	depth, quoted, begin := 0, false, 0
	var before byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			i++
		case quoted:
			quoted = c != '"'
		case c == '"' && (before == '.' || before == '(' || before == ','):
			quoted = true
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case c == ',' && depth == 0:
			segments = append(segments, text[begin:i])
			begin = i + 1
		}
		before = c
	}
	return append(segments, text[begin:])
}

func parseFilter(segment string) (f Filter, err error) {
	if segment == "" {
		return f, errors.New("filter must not contain empty segments (check for extra commas)")
	}
	var rest string
	var ok bool
	if f.Column, rest, ok = strings.Cut(segment, "="); !ok || f.Column == "" {
		return f, fmt.Errorf("[%q]", segment)
	}
	rest, f.Not = strings.CutPrefix(rest, "not.")
	f.Op, f.Value, ok = strings.Cut(rest, ".")
	if !ok {
		return f, fmt.Errorf("[%q]", segment)
	}
	if _, known := operators[f.Op]; !known {
		return f, fmt.Errorf("[%q, %q]", f.Op, f.Value)
	}
	switch f.Op {
	case "in":
		inner, opened := strings.CutPrefix(f.Value, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if !opened || !closed {
			return f, errors.New("`in` filter value must be wrapped by parentheses")
		}
		if strings.Count(inner, ",") >= maxValues && len(split(inner)) > maxValues {
			return f, fmt.Errorf("too many values for `in` filter. Maximum %d", maxValues)
		}
		f.Value = "{" + inner + "}"
	case "is":
		if !slices.Contains(keywords, f.Value) {
			return f, errors.New("invalid value for is filter: must be null, true, false, or unknown")
		}
	default:
		f.Value = unquote(f.Value)
	}
	return f, nil
}

// unquote takes the quotes off a value that has them at both ends.
func unquote(value string) string {
	inner, ok := strings.CutPrefix(value, `"`)
	if !ok {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		switch {
		case inner[i] == '\\' && i+1 < len(inner):
			i++
			b.WriteByte(inner[i])
		case inner[i] == '"':
			if i == len(inner)-1 {
				return b.String()
			}
			return value
		default:
			b.WriteByte(inner[i])
		}
	}
	return value
}
