package plan

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// mutation plans the write itself; tree is the read over the written rows.
// Errors: PGRST105 a PUT whose filters are not the key, PGRST204 no such column.
func (b *builder) mutation(t *schemacache.Table, tree *Node) (*Mutation, error) {
	m := &Mutation{
		Action: b.request.Action,
		Target: t.Name,
		Body:   b.request.Payload.Raw,
		Rows:   b.request.Payload.Rows,
		Where:  b.rootConditions(t),
	}
	switch b.request.Action.Kind {
	case apirequest.CreateRows:
		m.Kind = Insert
		m.PrimaryKey = t.PrimaryKey
		m.Conflict = b.conflict(t)
		m.ApplyDefaults = b.request.Preferences.Missing == apirequest.MissingDefault
		m.Where = nil
	case apirequest.UpsertRow:
		if !b.namesOneRow(t) {
			return nil, apierr.InvalidFilters()
		}
		m.Kind = Insert
		m.Conflict = &Conflict{Merge: true, Columns: t.PrimaryKey}
	case apirequest.UpdateRows:
		m.Kind = Update
		m.ApplyDefaults = b.request.Preferences.Missing == apirequest.MissingDefault
	case apirequest.DeleteRows:
		m.Kind = Delete
	default:
	}
	if m.Kind != Delete {
		columns, err := b.payloadColumns(t)
		if err != nil {
			return nil, err
		}
		m.Columns = columns
	}
	switch b.request.Preferences.Representation {
	case apirequest.ReturnRepresentation, apirequest.ReturnHeadersOnly:
		m.Returning = needs(tree, t.PrimaryKey)
	case apirequest.ReturnDefault, apirequest.ReturnMinimal:
	}
	return m, nil
}

// rootConditions are the filters and logic trees of the write itself.
func (b *builder) rootConditions(t *schemacache.Table) []Logic {
	var out []Logic
	for i := range b.request.Query.Filters {
		if f := &b.request.Query.Filters[i]; len(f.Path) == 0 {
			out = append(out, Logic{Filter: b.filter(t, &f.Filter)})
		}
	}
	for i := range b.request.Query.Logic {
		if l := &b.request.Query.Logic[i]; len(l.Path) == 0 {
			out = append(out, b.logic(t, &l.Tree))
		}
	}
	return out
}

func (b *builder) conflict(t *schemacache.Table) *Conflict {
	if b.request.Preferences.Resolution == apirequest.ResolutionNone {
		return nil
	}
	c := &Conflict{
		Merge:   b.request.Preferences.Resolution == apirequest.MergeDuplicates,
		Columns: t.PrimaryKey,
	}
	if b.request.Query.HasOnConflict {
		c.Columns = b.request.Query.OnConflict
	}
	return c
}

// namesOneRow reports whether a PUT compares each column of the key with eq, and nothing else.
func (b *builder) namesOneRow(t *schemacache.Table) bool {
	q := b.request.Query
	if len(q.Logic) > 0 || len(t.PrimaryKey) == 0 {
		return false
	}
	key := slices.Sorted(slices.Values(t.PrimaryKey))
	if !slices.Equal(q.FilterKeys, key) {
		return false
	}
	for _, f := range q.RootFilters() {
		if f.Not || f.Operation.Op != queryparams.Eq || f.Operation.Quantifier != queryparams.QuantifierNone {
			return false
		}
	}
	return true
}

func (b *builder) payloadColumns(t *schemacache.Table) ([]Field, error) {
	fields := make([]Field, len(b.request.Columns))
	for i, name := range b.request.Columns {
		column, ok := t.Column(name)
		if !ok {
			return nil, apierr.ColumnNotFound(t.Name.Name, name)
		}
		field := columnField(column)
		fields[i] = b.throughJSON(field)
	}
	return fields, nil
}

// throughJSON reads a field from the body by its representation: the record
// then holds the raw json, the function makes the value.
func (b *builder) throughJSON(f Field) Field { return b.through(f, "json", f.Type) }

// needs lists the columns that the rows in SourceCTE must have so that tree
// can be read from them, in alphabetical order. Computed relationships may
// need any column.
func needs(tree *Node, key []string) []string {
	var names []string
	for i := range tree.Select {
		name := tree.Select[i].Field.Name
		if name == "*" {
			return []string{"*"}
		}
		names = append(names, name)
	}
	for _, child := range tree.Children {
		if child.Relation.Cardinality == schemacache.Computed {
			return []string{"*"}
		}
		for _, c := range joinColumns(child.Relation) {
			names = append(names, c.Column)
		}
	}
	for i := range tree.Where {
		names = append(names, filterFields(&tree.Where[i])...)
	}
	for _, o := range tree.Order {
		if o.Relation == "" {
			names = append(names, o.Field.Name)
		}
	}
	names = append(names, key...)
	slices.Sort(names)
	return slices.Compact(names)
}

func joinColumns(r *schemacache.Relationship) []schemacache.ColumnPair {
	if r.Junction != nil {
		return r.Junction.Source
	}
	return r.Columns
}

func filterFields(l *Logic) []string {
	if l.Filter != nil {
		if l.Filter.NullEmbed != "" {
			return nil
		}
		return []string{l.Filter.Field.Name}
	}
	var names []string
	for i := range l.Children {
		names = append(names, filterFields(&l.Children[i])...)
	}
	return names
}

// call plans the call of a routine.
func (b *builder) call(r *schemacache.Routine, sent []string, tree *Node) *CallPlan {
	c := &CallPlan{Name: r.Name, Returning: needs(tree, nil)}
	if len(r.Params) == 1 && r.Params[0].Name == "" {
		c.Unnamed = &r.Params[0]
	} else {
		for _, p := range r.Params {
			if slices.Contains(sent, p.Name) {
				c.Params = append(c.Params, p)
			}
		}
	}
	switch {
	case b.request.Action.Kind != apirequest.CallRoutine:
		c.IsDirect = true
		for _, p := range b.request.Query.Params {
			c.pass(r, p.Name, p.Value)
		}
	case b.request.Payload.Kind == apirequest.PayloadForm:
		c.IsDirect = true
		for _, p := range b.request.Payload.Form {
			c.pass(r, p.Name, p.Value)
		}
	default:
		c.Body, c.Rows = b.request.Payload.Raw, b.request.Payload.Rows
	}
	return c
}

// pass adds one argument: repeated ones gather for a variadic parameter, the
// last counts for any other.
func (c *CallPlan) pass(r *schemacache.Routine, name, value string) {
	variadic := slices.ContainsFunc(r.Params, func(p schemacache.Param) bool { return p.Name == name && p.Variadic })
	for i := range c.Direct {
		a := &c.Direct[i]
		if a.Name != name {
			continue
		}
		if variadic {
			a.Values = append(a.Values, value)
		} else {
			a.Value = value
		}
		return
	}
	a := Argument{Name: name, Value: value, Variadic: variadic}
	if variadic {
		a.Values = []string{value}
	}
	c.Direct = append(c.Direct, a)
}

// relationOf is the relation whose relationships the routine's rows have.
func relationOf(r *schemacache.Routine) ident.Qualified {
	name := r.TableName()
	if name == "" {
		name = r.Name.Name
	}
	return ident.Qualified{Schema: r.Name.Schema, Name: name}
}
