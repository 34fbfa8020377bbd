package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func (b *builder) noRelationship(origin, target, hint string) error {
	s := apierr.Sought{Parent: origin, Child: target, Hint: hint, Schema: b.schema}
	s.Near, s.InsteadOf = b.cache.NearRelationship(b.schema, origin, target)
	return apierr.RelationshipNotFound(s)
}

func ambiguousRelationship(origin, target string, found []*schemacache.Relationship) error {
	candidates := make([]apierr.Candidate, len(found))
	for i, r := range found {
		candidates[i] = candidate(r)
	}
	return apierr.AmbiguousRelationship(origin, target, candidates)
}

func candidate(r *schemacache.Relationship) apierr.Candidate {
	c := apierr.Candidate{Table: r.Table.Name, ForeignTable: r.Foreign.Name, Constraint: r.Constraint}
	if j := r.Junction; j != nil {
		c.Cardinality = apierr.ManyToMany
		c.Junction = j.Table.Name
		c.Constraint, c.ForeignConstraint = j.SourceConstraint, j.TargetConstraint
		c.Columns, c.ForeignColumns = foreignNames(j.Source), foreignNames(j.Target)
		return c
	}
	switch r.Cardinality {
	case schemacache.OneToMany:
		c.Cardinality = apierr.OneToMany
	case schemacache.OneToOne:
		c.Cardinality = apierr.OneToOne
	case schemacache.ManyToOne, schemacache.ManyToMany, schemacache.Computed:
		c.Cardinality = apierr.ManyToOne
	}
	for _, p := range r.Columns {
		c.Columns = append(c.Columns, p.Column)
	}
	c.ForeignColumns = foreignNames(r.Columns)
	return c
}

func foreignNames(pairs []schemacache.ColumnPair) []string {
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i] = p.Foreign
	}
	return names
}

func (b *builder) noRoutine(name ident.Qualified, sent []string, content mediatype.Type, post bool, overloads []*schemacache.Routine) error {
	near := ""
	if len(overloads) == 0 {
		near = b.cache.NearRoutine(name.Schema, name.Name)
	} else if params := schemacache.NearParams(overloads, sent); params != "" {
		near = name.Name + params
	}
	return apierr.FunctionNotFound(apierr.Call{
		Schema: name.Schema, Name: name.Name, Args: sent,
		ContentType: content.String(), Post: post,
	}, near)
}

// ambiguousRoutine lists the candidates with their parameters in order of name and type.
func ambiguousRoutine(candidates []*schemacache.Routine) error {
	signatures := make([]string, len(candidates))
	for i, r := range candidates {
		var names, types []string
		for _, p := range r.Params {
			names = append(names, p.Name)
			types = append(types, p.Type)
		}
		signatures[i] = apierr.Signature(r.Name.Schema, r.Name.Name, names, types)
	}
	return apierr.AmbiguousFunction(signatures)
}

// isRaw reports whether the body is one value, not named parameters.
func isRaw(content mediatype.Type) bool {
	return len(bodyTypes(content)) == 1
}

// bodyTypes are the types of parameter that take a whole body of that media type.
func bodyTypes(content mediatype.Type) []string {
	switch content.Kind {
	case mediatype.JSON:
		return []string{"json", "jsonb"}
	case mediatype.Text:
		return []string{"text"}
	case mediatype.XML:
		return []string{"xml"}
	case mediatype.OctetStream:
		return []string{"bytea"}
	default:
		return nil
	}
}
