package rolepath

import (
	"regexp"

	"github.com/romashka/sidecar/internal/auth/claim"
)

// expr is a test of one value: what stands after "?".
type expr interface {
	holds(s scope) bool
}

type (
	either []expr // "||"
	all    []expr // "&&"
	not    struct{ of expr }
	exists struct{ query query }

	comparison struct {
		op          string
		left, right operand
	}

	// search asks whether part of a text matches a regular expression.
	search struct {
		text, pattern operand
		compiled      *regexp.Regexp // nil: the pattern is in the claims
	}
)

// operand is one side of a comparison: a literal, or a query of one value.
type operand struct {
	literal any
	query   *query // nil: literal
}

func (o operand) value(s scope) (any, bool) {
	if o.query == nil {
		return o.literal, true
	}
	found := o.query.run(s)
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}

func (e either) holds(s scope) bool {
	for _, part := range e {
		if part.holds(s) {
			return true
		}
	}
	return false
}

func (e all) holds(s scope) bool {
	for _, part := range e {
		if !part.holds(s) {
			return false
		}
	}
	return true
}

func (e not) holds(s scope) bool { return !e.of.holds(s) }

func (e exists) holds(s scope) bool { return len(e.query.run(s)) > 0 }

func (e comparison) holds(s scope) bool {
	left, hasLeft := e.left.value(s)
	right, hasRight := e.right.value(s)
	same := hasLeft == hasRight && (!hasLeft || equal(left, right)) // nothing equals nothing
	switch e.op {
	case "==":
		return same
	case "!=":
		return !same
	case "<":
		return less(left, right)
	case "<=":
		return less(left, right) || same
	case ">":
		return less(right, left)
	default: // ">="
		return less(right, left) || same
	}
}

// less is false for all but two numbers or two strings, missing ones included.
func less(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a < b
	case claim.Number:
		b, ok := b.(claim.Number)
		return ok && claim.Compare(a, b) < 0
	default:
		return false
	}
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case claim.Number:
		b, ok := b.(claim.Number)
		return ok && claim.Compare(a, b) == 0
	case []any:
		b, ok := b.([]any)
		return ok && equalLists(a, b)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalObjects(a, b)
	default:
		switch b.(type) {
		case []any, map[string]any: // not comparable with ==
			return false
		}
		return a == b
	}
}

func equalLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalObjects(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for key, v := range a {
		if w, ok := b[key]; !ok || !equal(v, w) {
			return false
		}
	}
	return true
}

func (e search) holds(s scope) bool {
	v, _ := e.text.value(s)
	text, ok := v.(string)
	if !ok {
		return false
	}
	re := e.compiled
	if re == nil {
		if re = e.patternIn(s); re == nil {
			return false
		}
	}
	return re.MatchString(text)
}

// patternIn reads the pattern from the claims; nil where it is none.
func (e search) patternIn(s scope) *regexp.Regexp {
	v, _ := e.pattern.value(s)
	pattern, ok := v.(string)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	return re
}
