package plan

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// routine finds the one overload of name that takes the parameters sent.
// sent is free of duplicates.
//
// A POST whose parameters fit no overload may still call a function with one
// unnamed parameter, which takes the whole body.
// Errors: PGRST202 none fits, PGRST203 several do.
func (b *builder) routine(name ident.Qualified, sent []string, content mediatype.Type, post bool) (*schemacache.Routine, error) {
	overloads := b.cache.Routines(name)
	var named, unnamed []*schemacache.Routine
	for _, r := range overloads {
		switch {
		case takes(r, sent, content, post):
			named = append(named, r)
		case post && takesBody(r, content):
			unnamed = append(unnamed, r)
		}
	}
	candidates := named
	if len(named) == 0 {
		candidates = unnamed
	}
	switch len(candidates) {
	case 0:
		return nil, b.noRoutine(name, sent, content, post, overloads)
	case 1:
		return candidates[0], nil
	default:
		return nil, ambiguousRoutine(candidates)
	}
}

// takes reports whether each required parameter is sent, and nothing unknown.
func takes(r *schemacache.Routine, sent []string, content mediatype.Type, post bool) bool {
	if len(r.Params) == 0 {
		return len(sent) == 0 && !(post && isRaw(content))
	}
	for _, p := range r.Params {
		if p.Required && !slices.Contains(sent, p.Name) {
			return false
		}
	}
	for _, name := range sent {
		if !slices.ContainsFunc(r.Params, func(p schemacache.Param) bool { return p.Name == name }) {
			return false
		}
	}
	return true
}

// takesBody reports whether the routine's one unnamed parameter is of the body's type.
func takesBody(r *schemacache.Routine, content mediatype.Type) bool {
	if len(r.Params) != 1 || r.Params[0].Name != "" {
		return false
	}
	return slices.Contains(bodyTypes(content), r.Params[0].Type)
}
