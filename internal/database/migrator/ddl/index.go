package ddl

// Index is the index that a CREATE INDEX makes.
type Index struct {
	Name   string // without schema
	Table  string
	Unique bool

	after int // byte of the statement after the word INDEX
}

// ReadIndex says which index s makes, if it makes one that has a name and is
// not built concurrently already.
func ReadIndex(s Statement) (Index, bool) {
	c := newCursor(s.Text)
	x := Index{Unique: c.words("create", "unique", "index")}
	if !x.Unique && !c.words("create", "index") {
		return Index{}, false
	}
	x.after = c.toks[c.at-1].end
	if c.words("concurrently") {
		return Index{}, false
	}
	c.words("if", "not", "exists")
	x.Name = c.ident()
	if !c.words("on") {
		return Index{}, false
	}
	c.words("only")
	x.Table = c.name()
	return x, true
}

// Concurrently is s, which makes x, as a statement that lets others write
// meanwhile. It cannot run in a transaction.
func (x Index) Concurrently(s Statement) string {
	return s.Text[:x.after] + " CONCURRENTLY" + s.Text[x.after:]
}
