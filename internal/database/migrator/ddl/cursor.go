package ddl

import "slices"

// cursor walks over the tokens of one statement.
type cursor struct {
	toks []token
	at   int
}

func newCursor(src string) *cursor { return &cursor{toks: tokenize(src)} }

func (c *cursor) peek() token {
	if c.at < len(c.toks) {
		return c.toks[c.at]
	}
	return token{}
}

func (c *cursor) next() token {
	t := c.peek()
	c.at++
	return t
}

func (c *cursor) done() bool { return c.at >= len(c.toks) }

// words passes these words if they come next, all or none, and reports whether
// they did.
func (c *cursor) words(wanted ...string) bool {
	for i, w := range wanted {
		if c.at+i >= len(c.toks) || c.toks[c.at+i].kind != word || c.toks[c.at+i].text != w {
			return false
		}
	}
	c.at += len(wanted)
	return true
}

// mark passes this character if it comes next, and reports whether it did.
func (c *cursor) mark(wanted string) bool {
	if t := c.peek(); t.kind == mark && t.text == wanted {
		c.at++
		return true
	}
	return false
}

// ident reads one part of a name.
func (c *cursor) ident() string {
	if t := c.peek(); t.kind == word || t.kind == quoted {
		c.at++
		return t.text
	}
	return ""
}

// name reads a name that may have a schema. Without one it is taken to be in
// public, where PostgreSQL would find it in a session with default settings.
func (c *cursor) name() string {
	first := c.ident()
	if first != "" && c.mark(".") {
		return first + "." + c.ident()
	}
	if first == "" {
		return ""
	}
	return "public." + first
}

// parens passes a group in parentheses, if one comes next, and returns its
// contents.
func (c *cursor) parens() []token {
	if !c.mark("(") {
		return nil
	}
	start := c.at
	for depth := 1; !c.done(); {
		switch t := c.next(); {
		case t.kind == mark && t.text == "(":
			depth++
		case t.kind == mark && t.text == ")":
			if depth--; depth == 0 {
				return c.toks[start : c.at-1]
			}
		}
	}
	return c.toks[start:]
}

// parts cuts tokens at the commas outside of parentheses.
func parts(toks []token) [][]token {
	var list [][]token
	start, depth := 0, 0
	for i, t := range toks {
		if t.kind != mark {
			continue
		}
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				list = append(list, toks[start:i])
				start = i + 1
			}
		}
	}
	return append(list, toks[start:])
}

func (c *cursor) rest() []token { return c.toks[min(c.at, len(c.toks)):] }

// has reports whether the words follow each other somewhere in toks.
func has(toks []token, wanted ...string) bool {
	c := cursor{toks: toks}
	for ; !c.done(); c.at++ {
		if c.words(wanted...) {
			return true
		}
	}
	return false
}

// hasAny reports whether one of the words is in toks.
func hasAny(toks []token, wanted ...string) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == word && slices.Contains(wanted, t.text) })
}
