package ddl

import (
	"cmp"
	"slices"
)

// Effect is the effect of a statement on one table.
type Effect struct {
	Relation string
	Lock     Lock
	New      bool // the script itself has made the table
	Rewrites bool // every row is written anew, into a new file
	Scans    bool // every row is read
	Maybe    bool // only if the statement finds its object
}

// Reading is all that one statement does.
type Reading struct {
	Effects []Effect // one per relation, by name
	Unknown bool     // it is none that this package knows: fear the worst
}

// Read returns the effects of s on the tables of c, and changes c as s would.
func (c Catalog) Read(s Statement) Reading {
	if c.Relations == nil {
		c.Relations = map[string]*Relation{}
	}
	r := reader{cat: c}
	r.statement(newCursor(s.Text))
	return Reading{Effects: merge(r.effects), Unknown: r.unknown}
}

// merge keeps, for each relation, the strongest of its effects.
func merge(effects []Effect) []Effect {
	var list []Effect
	for _, e := range effects {
		i := slices.IndexFunc(list, func(o Effect) bool { return o.Relation == e.Relation })
		if i < 0 {
			list = append(list, e)
			continue
		}
		o := &list[i]
		o.Lock = max(o.Lock, e.Lock)
		o.Rewrites, o.Scans = o.Rewrites || e.Rewrites, o.Scans || e.Scans
		o.New, o.Maybe = o.New && e.New, o.Maybe && e.Maybe
	}
	slices.SortFunc(list, func(a, b Effect) int { return cmp.Compare(a.Relation, b.Relation) })
	return list
}

// reader collects the effects of one statement.
type reader struct {
	cat     Catalog
	effects []Effect
	unknown bool
	maybe   bool // inside of a block: whether a statement runs is not known
}

// touch notes an effect on a relation that exists; on others there is none.
func (r *reader) touch(name string, lock Lock) *Effect {
	rel := r.cat.Relations[name]
	if rel == nil {
		return new(Effect)
	}
	r.effects = append(r.effects, Effect{Relation: name, Lock: lock, New: rel.New, Maybe: r.maybe})
	return &r.effects[len(r.effects)-1]
}

func (r *reader) scan(name string, lock Lock) { r.touch(name, lock).Scans = true }

// change runs a change of the catalog, where it is certain to happen.
func (r *reader) change(f func()) {
	if !r.maybe {
		f()
	}
}

// verb says who reads a statement with these first words.
type verb struct {
	words []string
	read  func(*reader, *cursor)
}

// verbs are those that are known; the first match counts. It is a function
// because blocks hold statements in turn.
func verbs() []verb {
	return []verb{
		{[]string{"create", "table"}, (*reader).createTable},
		{[]string{"create", "unlogged", "table"}, (*reader).createTable},
		{[]string{"create", "index"}, (*reader).createIndex},
		{[]string{"create", "unique", "index"}, (*reader).createIndex},
		{[]string{"create", "policy"}, (*reader).createPolicy},
		{[]string{"create", "trigger"}, (*reader).createTrigger},
		{[]string{"create", "or", "replace", "trigger"}, (*reader).createTrigger},
		{[]string{"create"}, (*reader).createOther},
		{[]string{"alter", "table"}, (*reader).alterTable},
		{[]string{"alter", "policy"}, (*reader).createPolicy},
		{[]string{"alter", "publication"}, (*reader).publication},
		{[]string{"drop", "table"}, (*reader).dropTable},
		{[]string{"drop", "index"}, (*reader).dropIndex},
		{[]string{"drop", "policy"}, (*reader).dropPolicy},
		{[]string{"drop", "trigger"}, (*reader).dropTrigger},
		{[]string{"drop", "function"}, (*reader).nothing},
		{[]string{"drop", "schema"}, (*reader).dropSchema},
		{[]string{"comment", "on"}, (*reader).comment},
		{[]string{"grant"}, (*reader).nothing},
		{[]string{"revoke"}, (*reader).nothing},
		{[]string{"notify"}, (*reader).nothing},
		{[]string{"set"}, (*reader).nothing},
		{[]string{"reset"}, (*reader).nothing},
		{[]string{"insert", "into"}, (*reader).insert},
		{[]string{"update"}, (*reader).update},
		{[]string{"delete", "from"}, (*reader).update},
		{[]string{"truncate"}, (*reader).truncate},
		{[]string{"select"}, (*reader).query},
		{[]string{"perform"}, (*reader).query},
		{[]string{"with"}, (*reader).with},
		{[]string{"lock"}, (*reader).lock},
		{[]string{"do"}, (*reader).block},
	}
}

func (r *reader) statement(c *cursor) {
	for _, v := range verbs() {
		if c.words(v.words...) {
			v.read(r, c)
			return
		}
	}
	r.unknown = true
}

// nothing is for statements that hold no table: grants change rows of the
// system's tables only.
func (r *reader) nothing(*cursor) {}

// publication is ADD TABLE or DROP TABLE, the only forms that hold tables that
// are named.
func (r *reader) publication(c *cursor) {
	c.ident()
	if !c.words("add", "table") && !c.words("drop", "table") {
		r.unknown = true
		return
	}
	for more := true; more; more = c.mark(",") {
		c.words("only")
		r.touch(c.name(), ShareUpdateExclusive)
	}
}

// createOther is for objects that are no table: functions, schemas, extensions, types.
func (r *reader) createOther(c *cursor) {
	c.words("or", "replace")
	switch {
	case c.words("function"), c.words("procedure"):
		r.createFunction(c)
	case c.words("schema"), c.words("extension"), c.words("type"), c.words("domain"):
	case c.words("view"), c.words("materialized", "view"):
		r.mentions(c.rest(), false)
	default:
		r.unknown = true
	}
}

// createFunction reads a body from BEGIN ATOMIC on: PostgreSQL binds its names
// when it makes the function, and locks the objects they stand for as running it would.
// A body in a string is looked at when it runs.
func (r *reader) createFunction(c *cursor) {
	for ; !c.done(); c.at++ {
		if c.words("begin", "atomic") {
			r.mentions(c.rest(), false)
			r.writes(c)
			return
		}
	}
}

func (r *reader) comment(c *cursor) {
	switch {
	case c.words("table"), c.words("view"), c.words("index"):
		r.touch(c.name(), ShareUpdateExclusive)
	case c.words("column"):
		schema, table := c.ident(), ""
		if c.mark(".") {
			table = c.ident()
		}
		r.touch(schema+"."+table, ShareUpdateExclusive)
	case c.words("policy"), c.words("constraint"), c.words("trigger"):
		c.ident()
		c.words("on")
		r.touch(c.name(), ShareUpdateExclusive)
	}
}

func (r *reader) lock(c *cursor) {
	c.words("table")
	name := c.name()
	for l := AccessExclusive; l > NoLock; l-- {
		mode := texts(tokenize("IN " + l.String() + " MODE"))
		if has(c.rest(), mode...) {
			r.touch(name, l)
			return
		}
	}
	r.touch(name, AccessExclusive)
}

func texts(toks []token) (list []string) {
	for _, t := range toks {
		list = append(list, t.text)
	}
	return list
}
