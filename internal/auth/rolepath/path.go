// Package rolepath reads the setting that says where in a token's claims the
// role is, and looks it up.
//
// It speaks JSON Path (RFC 9535, by github.com/theory/jsonpath), and the older
// form of PostgREST 14 and before. Of several values the first counts: those of
// an object come in the order of its keys. It never verifies a token and never
// decides whether a role is allowed.
package rolepath

import (
	"fmt"
	"strings"
)

// Default is the path used where none is set.
const Default = "$.role"

// Path locates a value in the claims. The zero Path finds nothing.
type Path struct {
	text  string
	find  finder
	older bool
}

// finder looks up the first value that a path selects below root.
type finder interface {
	first(root any) (any, bool)
}

// steps lead to one value: by the key of an object, or the index of an array.
type steps []step

type step struct {
	key     string
	index   int64 // below 0 from the end
	isIndex bool
}

func (s steps) first(v any) (any, bool) {
	for _, step := range s {
		switch at := v.(type) {
		case map[string]any:
			value, ok := at[step.key]
			if !ok || step.isIndex {
				return nil, false
			}
			v = value
		case []any:
			i, size := step.index, int64(len(at))
			if i < 0 {
				i += size
			}
			if !step.isIndex || i < 0 || i >= size {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Parse reads a path: "$.app_metadata.role", "$['a b'][0]",
// "$.roles[?@ == 'author']", or in the older form `.roles[?(@ ^== "au")]`.
//
// Errors give the position and the text that was expected there, or not.
func Parse(text string) (Path, error) {
	p := parser{in: []rune(text)}
	path := Path{text: text}
	var err error
	switch {
	case strings.HasPrefix(text, "$"):
		path.find, err = parseStandard(text)
	case strings.HasPrefix(text, "."), strings.HasPrefix(text, "["):
		path.older = true
		path.find, err = p.olderPath()
	default:
		err = p.expected(`"$"`)
	}
	if err != nil {
		return Path{}, err
	}
	return path, nil
}

// Find returns the first value at p below root, a value of package claim.
func (p Path) Find(root any) (any, bool) {
	if p.find == nil {
		return nil, false
	}
	return p.find.first(root)
}

// Older reports whether p is in the form that PostgREST 16 calls deprecated.
func (p Path) Older() bool { return p.older }

// String returns the text that p was parsed from.
func (p Path) String() string { return p.text }

// syntaxError is where a path stops making sense.
type syntaxError struct {
	position int // characters, from 1
	expected string
}

func (e syntaxError) Error() string {
	return fmt.Sprintf("position %d: expected %s", e.position, e.expected)
}
