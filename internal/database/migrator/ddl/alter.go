package ddl

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (r *reader) alterTable(c *cursor) {
	c.words("if", "exists")
	c.words("only")
	name := c.name()
	rel := r.cat.Relations[name]
	if rel == nil {
		return
	}
	for _, part := range parts(c.rest()) {
		r.alterAction(rel, &cursor{toks: part})
	}
}

// alterAction is one action of an ALTER TABLE.
func (r *reader) alterAction(rel *Relation, c *cursor) {
	switch {
	case c.words("add", "constraint"):
		r.addConstraint(rel, c, c.ident())
	case c.words("add", "column"):
		r.addColumn(rel, c)
	case c.words("add"):
		r.addUnnamed(rel, c)
	case c.words("validate", "constraint"):
		r.validate(rel, c.ident())
	case c.words("drop", "constraint"):
		r.dropConstraint(rel, c)
	case c.words("drop"):
		c.words("column")
		c.words("if", "exists")
		column := c.ident()
		r.touch(rel.Name, AccessExclusive)
		r.change(func() { delete(rel.Columns, column) })
	case c.words("alter"):
		c.words("column")
		r.alterColumn(rel, c.ident(), c)
	case c.words("enable", "trigger"), c.words("disable", "trigger"),
		c.words("enable", "always", "trigger"), c.words("enable", "replica", "trigger"):
		r.touch(rel.Name, ShareRowExclusive)
	default: // row level security, owner, rename, ...
		r.touch(rel.Name, AccessExclusive)
	}
}

// addUnnamed is ADD followed by a constraint without a name, or by a column.
func (r *reader) addUnnamed(rel *Relation, c *cursor) {
	t := c.peek()
	if t.kind == word && slices.Contains([]string{"primary", "unique", "check", "foreign", "exclude"}, t.text) {
		r.addConstraint(rel, c, "")
		return
	}
	r.addColumn(rel, c)
}

func (r *reader) addColumn(rel *Relation, c *cursor) {
	conditional := c.words("if", "not", "exists")
	column := c.ident()
	e := r.touch(rel.Name, AccessExclusive)
	if _, exists := rel.Columns[column]; exists && conditional {
		return
	}
	definition := c.rest()
	value, hasDefault := defaultOf(definition)
	e.Rewrites = hasDefault && volatile(value) || hasAny(definition, "generated", "serial", "bigserial")
	notNull := has(definition, "not", "null")
	if has(definition, "primary", "key") || hasAny(definition, "unique", "check") || notNull && !hasDefault {
		e.Scans = true
	}
	target := referenced(definition)
	if target != "" {
		r.scan(rel.Name, AccessExclusive)
		r.touch(target, ShareRowExclusive)
	}
	r.change(func() {
		rel.Columns[column] = Column{Type: typeOf(definition), NotNull: notNull}
		if target != "" {
			rel.add(Part{Kind: "constraint", Name: base(rel.Name) + "_" + column + "_fkey", References: target})
		}
	})
}

// defaultOf is the expression after DEFAULT, up to the next clause.
func defaultOf(definition []token) ([]token, bool) {
	c := cursor{toks: definition}
	for ; !c.done(); c.at++ {
		if !c.words("default") {
			continue
		}
		rest := c.rest()
		for i, t := range rest {
			if t.kind == word && i > 0 && slices.Contains([]string{"not", "null", "check", "unique", "primary", "references", "constraint"}, t.text) {
				return rest[:i], true
			}
		}
		return rest, true
	}
	return nil, false
}

// stableFunctions give one value for a whole statement, so that PostgreSQL
// keeps the default of old rows in its catalog and leaves them alone. Read-only.
var stableFunctions = []string{"now", "uid", "role", "email", "jwt", "transaction_timestamp", "statement_timestamp", "interval"}

// volatile reports whether an expression may call a function that gives each row a value of
// its own. An unknown function counts as one.
func volatile(expression []token) bool {
	for i, t := range expression {
		called := i+1 < len(expression) && expression[i+1].kind == mark && expression[i+1].text == "("
		if called && (t.kind == word || t.kind == quoted) && !slices.Contains(stableFunctions, t.text) {
			return true
		}
	}
	return false
}

// addConstraint is a constraint of a new or an old table; c stands before its
// definition.
func (r *reader) addConstraint(rel *Relation, c *cursor, name string) {
	definition := c.rest()
	target := referenced(definition)
	unchecked := has(definition, "not", "valid")
	lock := AccessExclusive
	if target != "" {
		lock = ShareRowExclusive
		r.touch(target, ShareRowExclusive)
	}
	e := r.touch(rel.Name, lock)
	e.Scans = !unchecked
	part := Part{Kind: "constraint", Name: name, References: target}
	r.change(func() {
		rel.add(part)
		if hasAny(definition[:min(1, len(definition))], "primary", "unique") {
			rel.add(Part{Kind: "index", Name: name})
		}
	})
}

func (r *reader) validate(rel *Relation, name string) {
	r.scan(rel.Name, ShareUpdateExclusive)
	if target := rel.Parts[PartKey("constraint", name)].References; target != "" {
		r.scan(target, RowShare)
	}
}

func (r *reader) dropConstraint(rel *Relation, c *cursor) {
	c.words("if", "exists")
	name := c.ident()
	r.touch(rel.Name, AccessExclusive)
	if target := rel.Parts[PartKey("constraint", name)].References; target != "" {
		r.touch(target, AccessExclusive)
	}
	r.change(func() {
		rel.drop("constraint", name)
		rel.drop("index", name)
	})
}

func (r *reader) alterColumn(rel *Relation, name string, c *cursor) {
	column := rel.Columns[name]
	switch {
	case c.words("set", "not", "null"):
		r.touch(rel.Name, AccessExclusive).Scans = !column.NotNull
		column.NotNull = true
	case c.words("drop", "not", "null"):
		r.touch(rel.Name, AccessExclusive)
		column.NotNull = false
	case c.words("type"), c.words("set", "data", "type"):
		e := r.touch(rel.Name, AccessExclusive)
		wanted := typeOf(c.rest())
		e.Rewrites = !widens(column.Type, wanted)
		column.Type = wanted
	case c.words("set", "statistics"), c.words("set", "("):
		r.touch(rel.Name, ShareUpdateExclusive)
	default: // defaults, storage
		r.touch(rel.Name, AccessExclusive)
	}
	r.change(func() { rel.Columns[name] = column })
}

// typmod is a type with numbers in parentheses.
var typmod = regexp.MustCompile(`^([a-z ]+)\((\d+)(?:,\s*(\d+))?\)$`)

// widens reports whether values of one type are stored as those of the other are,
// so that PostgreSQL changes the catalog only.
func widens(from, to string) bool {
	if from == to || to == "text" && strings.HasPrefix(from, "character varying") {
		return true
	}
	a, b := typmod.FindStringSubmatch(from), typmod.FindStringSubmatch(to)
	switch {
	case a == nil:
		return false
	case b == nil: // without a limit
		return to == a[1] && (a[1] == "numeric" || a[1] == "character varying")
	default:
		width1, _ := strconv.Atoi(a[2]) // digits, by the pattern
		width2, _ := strconv.Atoi(b[2])
		return a[1] == b[1] && a[3] == b[3] && width1 <= width2
	}
}
