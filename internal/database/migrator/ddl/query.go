package ddl

import "slices"

// mentions notes every known relation that is named in toks as read.
func (r *reader) mentions(toks []token, scans bool) {
	c := cursor{toks: toks}
	for ; !c.done(); c.at++ {
		at := c.at
		schema := c.ident()
		if schema == "" || !c.mark(".") {
			c.at = at
			continue
		}
		r.touch(schema+"."+c.ident(), AccessShare).Scans = scans
		c.at = at + 1
	}
}

func (r *reader) insert(c *cursor) {
	table := c.name()
	r.touch(table, RowExclusive)
	r.checkKeys(table)
	r.mentions(c.rest(), true)
}

// checkKeys notes the tables of which a write locks rows for foreign keys.
func (r *reader) checkKeys(table string) {
	if rel := r.cat.Relations[table]; rel != nil {
		for _, target := range rel.references() {
			r.touch(target, RowShare)
		}
	}
}

// update is an UPDATE or a DELETE.
func (r *reader) update(c *cursor) {
	c.words("only")
	table := c.name()
	r.scan(table, RowExclusive)
	r.mentions(c.rest(), true)
}

func (r *reader) truncate(c *cursor) {
	c.words("table")
	for {
		r.touch(c.name(), AccessExclusive)
		if !c.mark(",") {
			return
		}
	}
}

// with is a query with common table expressions, which may write.
func (r *reader) with(c *cursor) {
	r.mentions(c.rest(), true)
	r.writes(c)
}

// writes notes the tables that statements in the rest of c write to.
func (r *reader) writes(c *cursor) {
	for ; !c.done(); c.at++ {
		if c.words("insert", "into") || c.words("update") || c.words("delete", "from") {
			r.touch(c.name(), RowExclusive)
			c.at--
		}
	}
}

// query is a SELECT: of one of the migrations' own helpers, or any other.
func (r *reader) query(c *cursor) {
	if c.words("romashka") && c.mark(".") {
		helper := c.ident()
		group := c.parens()
		var args []string
		for _, t := range group {
			if t.kind == text {
				args = append(args, t.text)
			}
		}
		if r.helper(helper, args) {
			return
		}
	}
	r.mentions(c.toks, true)
}

// helper reads a call of a function that the first migration makes, and reports
// whether it is one.
func (r *reader) helper(name string, args []string) bool {
	switch {
	case name == "ensure_constraint" && len(args) == 3:
		rel := r.cat.Relations[args[0]]
		if rel == nil || rel.has("constraint", args[1]) {
			return true
		}
		r.addConstraint(rel, newCursor(args[2]+" NOT VALID"), args[1])
		if r.maybe {
			rel = &Relation{Name: rel.Name, Parts: map[string]Part{}}
			rel.add(Part{Kind: "constraint", Name: args[1], References: referenced(tokenize(args[2]))})
		}
		r.validate(rel, args[1])
	case name == "ensure_not_null" && len(args) == 2:
		if rel := r.cat.Relations[args[0]]; rel != nil && !rel.Columns[args[1]].NotNull {
			r.alterColumn(rel, args[1], newCursor("SET NOT NULL"))
		}
	case name == "refuse_rows" && len(args) == 1:
		r.touch(args[0], AccessShare)
	default:
		return false
	}
	return true
}

// starts are the words after which a statement begins in PL/pgSQL. Read-only.
var starts = []string{"begin", "then", "else", "loop"}

// block reads a DO block: each statement in it may run or not. A statement that it builds
// and executes from strings counts as if written out.
func (r *reader) block(c *cursor) {
	i := slices.IndexFunc(c.toks, func(t token) bool { return t.kind == body })
	if i < 0 {
		r.unknown = true
		return
	}
	r.maybe = true
	src := c.toks[i].text
	for _, s := range Split(src) {
		r.blockStatement(newCursor(s.Text))
	}
}

func (r *reader) blockStatement(c *cursor) {
	r.mentions(c.toks, true)
	begin := 0
	for i, t := range c.toks {
		if t.kind == word && slices.Contains(starts, t.text) {
			begin = i + 1
		}
		if (t.kind == text || t.kind == body) && hasAny(c.toks[:i], "execute") {
			r.blockStatement(newCursor(t.text))
		}
	}
	inner := &cursor{toks: c.toks[begin:]}
	if t := inner.peek(); t.kind == word && slices.Contains([]string{"alter", "create", "drop", "insert", "update", "delete", "truncate", "perform"}, t.text) {
		r.statement(inner)
	}
}
