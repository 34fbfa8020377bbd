package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// relationship finds the one relationship between origin and target.
//
// A target is a relation, a foreign key constraint or a foreign key column of
// the origin; a hint is a constraint, a column of either side or a junction.
// Errors: PGRST200 there is none, PGRST201 there are several.
func (b *builder) relationship(origin, target, hint string) (*schemacache.Relationship, error) {
	all := b.cache.Relationships(ident.Qualified{Schema: b.schema, Name: origin}, b.schema)
	var found []*schemacache.Relationship
	for _, r := range all {
		if answers(r, target, hint) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return nil, b.noRelationship(origin, target, hint)
	case 1:
		return found[0], nil
	default:
		return nil, ambiguousRelationship(origin, target, found)
	}
}

func answers(r *schemacache.Relationship, target, hint string) bool {
	switch {
	case r.Cardinality == schemacache.Computed:
		return target == r.Function.Name
	case r.IsSelf:
		return selfAnswers(r, target, hint)
	case hint == "":
		return target == r.Foreign.Name ||
			!r.ForeignIsView && (matchesConstraint(r, target) || matchesNear(r, target))
	default:
		return target == r.Foreign.Name &&
			(matchesConstraint(r, hint) || matchesNear(r, hint) || matchesFar(r, hint) || matchesJunction(r, hint))
	}
}

// selfAnswers reports whether a hint means this one of a key's two directions: the
// table's name means the many side, the column's name the one side.
func selfAnswers(r *schemacache.Relationship, target, hint string) bool {
	toMany := target == r.Foreign.Name && r.Cardinality == schemacache.OneToMany
	if hint != "" {
		return toMany && matchesFar(r, hint)
	}
	return toMany || r.Cardinality == schemacache.ManyToOne && matchesNear(r, target)
}

// hasKey reports whether the relationship is one foreign key, not a junction of two.
func hasKey(r *schemacache.Relationship) bool {
	switch r.Cardinality {
	case schemacache.OneToMany, schemacache.ManyToOne, schemacache.OneToOne:
		return true
	case schemacache.ManyToMany, schemacache.Computed:
		return false
	default:
		return false
	}
}

func matchesConstraint(r *schemacache.Relationship, name string) bool {
	return hasKey(r) && r.Constraint == name
}

func matchesNear(r *schemacache.Relationship, column string) bool {
	return hasKey(r) && len(r.Columns) == 1 && r.Columns[0].Column == column
}

func matchesFar(r *schemacache.Relationship, column string) bool {
	return hasKey(r) && len(r.Columns) == 1 && r.Columns[0].Foreign == column
}

func matchesJunction(r *schemacache.Relationship, name string) bool {
	return r.Cardinality == schemacache.ManyToMany && r.Junction.Table.Name == name
}
