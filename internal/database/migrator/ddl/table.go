package ddl

import (
	"cmp"
	"slices"
	"strings"
)

func (r *reader) createTable(c *cursor) {
	c.words("if", "not", "exists")
	name := c.name()
	if r.cat.Relations[name] != nil {
		return // IF NOT EXISTS passes over it; without that, it fails
	}
	rel := newRelation(name)
	columns := c.parens()
	for _, part := range parts(columns) {
		r.tableElement(rel, &cursor{toks: part})
	}
	r.change(func() { r.cat.Relations[name] = rel })
}

// tableElement is a column or a constraint of a new table.
func (r *reader) tableElement(rel *Relation, c *cursor) {
	if c.words("constraint") {
		r.addConstraint(rel, c, c.ident())
		return
	}
	if t := c.peek(); t.kind == word && slices.Contains([]string{"primary", "unique", "check", "foreign", "exclude"}, t.text) {
		r.addConstraint(rel, c, "")
		return
	}
	column := c.ident()
	rel.Columns[column] = Column{Type: typeOf(c.rest()), NotNull: has(c.rest(), "not", "null") || has(c.rest(), "primary", "key")}
	if target := referenced(c.rest()); target != "" {
		rel.add(Part{Kind: "constraint", Name: base(rel.Name) + "_" + column + "_fkey", References: target})
		r.touch(target, ShareRowExclusive) // for the triggers of the key
	}
}

// typeOf is the type at the start of a column's definition, as format_type
// would write it.
func typeOf(definition []token) string {
	var b strings.Builder
	for i, t := range definition {
		if t.kind == word && i > 0 && slices.Contains([]string{"not", "null", "default", "primary", "references", "check", "unique", "generated", "constraint"}, t.text) {
			break
		}
		if t.kind == word && b.Len() > 0 && definition[i-1].kind == word {
			b.WriteByte(' ')
		}
		b.WriteString(cmp.Or(aliases[t.text], t.text))
	}
	return b.String()
}

// aliases are other names of types. Read-only.
var aliases = map[string]string{
	"bool": "boolean", "decimal": "numeric", "int": "integer", "int4": "integer", "int8": "bigint",
	"timestamptz": "timestamp with time zone", "varchar": "character varying",
}

// referenced is the relation after REFERENCES, "" if there is none.
func referenced(toks []token) string {
	c := cursor{toks: toks}
	for ; !c.done(); c.at++ {
		if c.words("references") {
			return c.name()
		}
	}
	return ""
}

func (r *reader) dropTable(c *cursor) {
	c.words("if", "exists")
	for {
		name := c.name()
		if rel := r.cat.Relations[name]; rel != nil {
			r.touch(name, AccessExclusive)
			for _, other := range append(rel.references(), r.cat.referencing(name)...) {
				r.touch(other, AccessExclusive)
			}
			r.change(func() { delete(r.cat.Relations, name) })
		}
		if !c.mark(",") {
			return
		}
	}
}

// dropSchema takes all that is in the schema with it, if it cascades.
func (r *reader) dropSchema(c *cursor) {
	c.words("if", "exists")
	schema := c.ident()
	if !hasAny(c.rest(), "cascade") {
		return
	}
	for name := range r.cat.Relations {
		if name == schema+"."+base(name) {
			r.touch(name, AccessExclusive)
		}
	}
}

func (r *reader) createPolicy(c *cursor) {
	name := c.ident()
	c.words("on")
	table := c.name()
	r.touch(table, AccessExclusive)
	r.mentions(c.rest(), false)
	if rel := r.cat.Relations[table]; rel != nil {
		r.change(func() { rel.add(Part{Kind: "policy", Name: name}) })
	}
}

func (r *reader) createTrigger(c *cursor) {
	name := c.ident()
	for !c.done() && !c.words("on") {
		c.next()
	}
	table := c.name()
	r.touch(table, ShareRowExclusive)
	if rel := r.cat.Relations[table]; rel != nil {
		r.change(func() { rel.add(Part{Kind: "trigger", Name: name}) })
	}
}

func (r *reader) dropPolicy(c *cursor)  { r.dropPart(c, "policy") }
func (r *reader) dropTrigger(c *cursor) { r.dropPart(c, "trigger") }

func (r *reader) dropPart(c *cursor, kind string) {
	c.words("if", "exists")
	name := c.ident()
	c.words("on")
	table := c.name()
	if rel := r.cat.Relations[table]; rel != nil && rel.has(kind, name) {
		r.touch(table, AccessExclusive)
		r.change(func() { rel.drop(kind, name) })
	}
}

func (r *reader) createIndex(c *cursor) {
	concurrently := c.words("concurrently")
	c.words("if", "not", "exists")
	name := c.ident()
	if !c.words("on") {
		r.unknown = true // an index without a name
		return
	}
	c.words("only")
	table := c.name()
	rel := r.cat.Relations[table]
	switch {
	case rel == nil:
	case r.cat.owner("index", name) != nil:
		r.touch(table, indexLock(concurrently)) // IF NOT EXISTS: held for nothing
	default:
		r.scan(table, indexLock(concurrently))
		r.change(func() { rel.add(Part{Kind: "index", Name: name}) })
	}
}

func indexLock(concurrently bool) Lock {
	if concurrently {
		return ShareUpdateExclusive
	}
	return Share
}

func (r *reader) dropIndex(c *cursor) {
	lock := AccessExclusive
	if c.words("concurrently") {
		lock = ShareUpdateExclusive
	}
	c.words("if", "exists")
	for {
		name := base(c.name())
		if rel := r.cat.owner("index", name); rel != nil {
			r.touch(rel.Name, lock)
			r.change(func() { rel.drop("index", name) })
		}
		if !c.mark(",") {
			return
		}
	}
}
