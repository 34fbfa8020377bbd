// Package rolepath reads the setting that says where in a token's claims the
// role is, and looks it up.
//
// It speaks JSON Path (RFC 9535) with the one function that PostgREST 16 has,
// search(), and the older form of PostgREST 14 and before. It never verifies a
// token and never says whether a role is allowed.
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

// finder selects values below root, in order.
type finder interface {
	nodes(root any) []any
}

// Parse reads a path: "$.app_metadata.role", "$['a b'][0]",
// "$.roles[?@ == 'author']", or in the older form `.roles[?(@ ^== "au")]`.
//
// Errors tell the position (characters from 1) and what was expected there.
func Parse(text string) (Path, error) {
	p := parser{in: []rune(text)}
	path := Path{text: text}
	var err error
	switch {
	case strings.HasPrefix(text, "$"):
		path.find, err = p.rootQuery()
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
	found := p.find.nodes(root)
	if len(found) == 0 {
		return nil, false
	}
	return found[0], true
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
