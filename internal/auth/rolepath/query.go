package rolepath

import (
	"maps"
	"slices"
)

// query is a JSON Path: segments applied one after the other, from the root of
// the claims or, inside a filter, from the value under test.
type query struct {
	current  bool
	segments []segment
}

type segment struct {
	descend   bool // "..": below every level, not only this one
	selectors []selector
}

// scope is what a selector sees: the claims and the value it is applied to.
type scope struct{ root, current any }

type selector interface {
	pick(s scope) []any
}

func (q query) nodes(root any) []any { return q.run(scope{root, root}) }

func (q query) run(s scope) []any {
	list := []any{s.root}
	if q.current {
		list = []any{s.current}
	}
	for _, seg := range q.segments {
		next := make([]any, 0, len(list))
		for _, v := range list {
			next = append(next, seg.apply(scope{s.root, v})...)
		}
		list = next
	}
	return list
}

// singular reports whether q gives one value at most, as comparisons ask.
func (q query) singular() bool {
	for _, seg := range q.segments {
		if seg.descend || len(seg.selectors) != 1 {
			return false
		}
		switch seg.selectors[0].(type) {
		case name, index:
		default:
			return false
		}
	}
	return true
}

func (seg segment) apply(s scope) []any {
	levels := []any{s.current}
	if seg.descend {
		levels = appendTree(nil, s.current)
	}
	found := make([]any, 0, len(levels))
	for _, v := range levels {
		for _, sel := range seg.selectors {
			found = append(found, sel.pick(scope{s.root, v})...)
		}
	}
	return found
}

// appendTree appends v and all that is below it, parents first.
func appendTree(list []any, v any) []any {
	list = append(list, v)
	for _, child := range children(v) {
		list = appendTree(list, child)
	}
	return list
}

// children returns the values of an object, by key, or of an array.
func children(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		list := make([]any, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, v[key])
		}
		return list
	default:
		return nil
	}
}

// The selectors of RFC 9535.
type (
	name     string
	index    int64
	wildcard struct{}
	slice    struct {
		start, end *int64 // nil: from or to the end that step comes from or goes to
		step       int64
	}
	filter struct{ test expr }
)

func (n name) pick(s scope) []any {
	object, _ := s.current.(map[string]any)
	if v, ok := object[string(n)]; ok {
		return []any{v}
	}
	return nil
}

func (i index) pick(s scope) []any {
	list, _ := s.current.([]any)
	at := fromEnd(int64(i), int64(len(list)))
	if at < 0 || at >= int64(len(list)) {
		return nil
	}
	return []any{list[at]}
}

func (wildcard) pick(s scope) []any { return children(s.current) }

func (f filter) pick(s scope) []any {
	var found []any
	for _, v := range children(s.current) {
		if f.test.holds(scope{s.root, v}) {
			found = append(found, v)
		}
	}
	return found
}

// pick follows RFC 9535, section 2.3.4.2.2.
func (sl slice) pick(s scope) []any {
	list, _ := s.current.([]any)
	size := int64(len(list))
	var found []any
	switch {
	case sl.step > 0:
		lower, upper := bound(sl.start, 0, size, 0, size), bound(sl.end, size, size, 0, size)
		for i := lower; i < upper; i += sl.step {
			found = append(found, list[i])
		}
	case sl.step < 0:
		upper, lower := bound(sl.start, size-1, size, -1, size-1), bound(sl.end, -1, size, -1, size-1)
		for i := upper; i > lower; i += sl.step {
			found = append(found, list[i])
		}
	}
	return found
}

// bound returns one end of a slice, fallback where it is missing, kept within low and high.
func bound(at *int64, fallback, size, low, high int64) int64 {
	if at == nil {
		return fallback
	}
	return max(low, min(fromEnd(*at, size), high))
}

func fromEnd(i, size int64) int64 {
	if i < 0 {
		return i + size
	}
	return i
}
