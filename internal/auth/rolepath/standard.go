package rolepath

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"

	"github.com/romashka/sidecar/internal/auth/claim"
)

// standardPath is a path of RFC 9535 that may select several values.
type standardPath struct {
	path   *jsonpath.Path
	sorted bool // the library walks objects in no order
}

// parseStandard reads a path that begins with "$".
func parseStandard(text string) (finder, error) {
	if err := checkLiterals(text); err != nil {
		return nil, err
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "jsonpath: "))
	}
	if one, ok := singular(path.Query()); ok {
		return one, nil
	}
	return standardPath{path: path, sorted: slices.ContainsFunc(path.Query().Segments(), branches)}, nil
}

// singular returns the steps of a query of names and indexes alone. Such a path
// is walked as it stands: there is nothing to compare and nothing to sort.
func singular(q *spec.PathQuery) (steps, bool) {
	if q.Singular() == nil {
		return nil, false
	}
	var out steps
	for _, segment := range q.Segments() {
		switch selector := segment.Selectors()[0].(type) {
		case spec.Name:
			out = append(out, step{key: string(selector)})
		case spec.Index:
			out = append(out, step{index: int64(selector), isIndex: true})
		default:
			return nil, false
		}
	}
	return out, true
}

// branches reports whether a segment may select values of an object in any order.
func branches(s *spec.Segment) bool {
	return s.IsDescendant() || slices.ContainsFunc(s.Selectors(), func(selector spec.Selector) bool {
		switch selector.(type) {
		case spec.Name, spec.Index, spec.SliceSelector:
			return false
		default:
			return true
		}
	})
}

func (p standardPath) first(root any) (any, bool) {
	found := p.path.SelectLocated(byValue(root))
	if len(found) == 0 {
		return nil, false
	}
	if p.sorted {
		found.Sort()
	}
	var at steps // in the claims themselves, whose numbers are as they were sent
	for _, element := range found[0].Path {
		switch element := element.(type) {
		case spec.Name:
			at = append(at, step{key: string(element)})
		case spec.Index:
			at = append(at, step{index: int64(element), isIndex: true})
		}
	}
	return at.first(root)
}

// exactNumber is a number that float64 cannot hold. It equals its own text
// alone: the library would take it for its neighbours, and one person's id for
// another's.
type exactNumber string

// byValue returns v with numbers as the library compares them.
func byValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = byValue(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = byValue(value)
		}
		return out
	case claim.Number:
		if f, ok := float(v); ok {
			return f
		}
		return exactNumber(v)
	default:
		return v
	}
}

// float returns the value of n; ok is false for a number that float64 rounds.
func float(n claim.Number) (f float64, ok bool) {
	f, err := n.Float64()
	return f, err == nil && claim.Compare(n, claim.Number(strconv.FormatFloat(f, 'g', -1, 64))) == 0
}

// Parts of a path: its texts and numbers, and the patterns of its functions. Read-only.
var (
	literals = regexp.MustCompile(`'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`)
	patterns = regexp.MustCompile(`(?:search|match)\([^()]*,\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*\)`)
)

// checkLiterals refuses literals that the library takes in silence: numbers that it
// would round, and patterns that would match nothing.
func checkLiterals(text string) error {
	for _, at := range literals.FindAllStringIndex(text, -1) {
		token := text[at[0]:at[1]]
		if token[0] == '"' || token[0] == '\'' {
			continue
		}
		if _, ok := float(claim.Number(token)); !ok {
			return syntaxError{len([]rune(text[:at[0]])) + 1, "a number that a float64 holds exactly"}
		}
	}
	for _, at := range patterns.FindAllStringSubmatch(text, -1) {
		pattern := strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`).Replace(at[1] + at[2])
		if _, err := regexp.Compile(pattern); err != nil {
			return fmt.Errorf("expected a regular expression: %w", err)
		}
	}
	return nil
}
