package rolepath

import (
	"unicode"
)

// parser reads a path from left to right. Its methods leave the position after
// what they read; on an error it does not matter.
type parser struct {
	in []rune
	at int
}

// end is what peek gives after the last character.
const end = rune(-1)

func (p *parser) peek() rune { return p.peekAt(0) }

func (p *parser) peekAt(ahead int) rune {
	if p.at+ahead >= len(p.in) {
		return end
	}
	return p.in[p.at+ahead]
}

// take skips text where it comes next, and says whether it did.
func (p *parser) take(text string) bool {
	n := 0
	for _, r := range text {
		if p.peekAt(n) != r {
			return false
		}
		n++
	}
	p.at += n
	return true
}

func (p *parser) need(text string) error {
	if !p.take(text) {
		return p.expected(`"` + text + `"`)
	}
	return nil
}

// blanks skips the white space of RFC 9535.
func (p *parser) blanks() {
	for p.peek() == ' ' || p.peek() == '\t' || p.peek() == '\n' || p.peek() == '\r' {
		p.at++
	}
}

func (p *parser) expected(what string) error { return syntaxError{p.at + 1, what} }

func (p *parser) rootQuery() (query, error) {
	q, err := p.query()
	if err == nil && p.peek() != end {
		err = p.expected(`".", "[" or the end`)
	}
	return q, err
}

// query reads "$" or "@" and the segments after it.
func (p *parser) query() (query, error) {
	q := query{current: p.peek() == '@'}
	if !p.take("@") && !p.take("$") {
		return q, p.expected(`"$" or "@"`)
	}
	for {
		before := p.at
		p.blanks()
		if p.peek() != '.' && p.peek() != '[' {
			p.at = before // blanks belong to a segment only before one
			return q, nil
		}
		seg, err := p.segment()
		if err != nil {
			return q, err
		}
		q.segments = append(q.segments, seg)
	}
}

func (p *parser) segment() (segment, error) {
	descend := p.take("..")
	if p.peek() == '[' {
		selectors, err := p.brackets()
		return segment{descend, selectors}, err
	}
	if !descend {
		p.at++ // the dot that query saw
	}
	sel, err := p.dotted()
	return segment{descend, []selector{sel}}, err
}

// dotted reads what may stand behind a dot.
func (p *parser) dotted() (selector, error) {
	if p.take("*") {
		return wildcard{}, nil
	}
	if !isNameStart(p.peek()) {
		return nil, p.expected(`a name, "*" or "["`)
	}
	from := p.at
	for isNameStart(p.peek()) || isDigit(p.peek()) {
		p.at++
	}
	return name(p.in[from:p.at]), nil
}

func isNameStart(r rune) bool { return r == '_' || r >= 0x80 || r < 0x80 && unicode.IsLetter(r) }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func (p *parser) brackets() ([]selector, error) {
	p.at++ // the bracket that segment saw
	var list []selector
	for {
		p.blanks()
		sel, err := p.selector()
		if err != nil {
			return nil, err
		}
		list = append(list, sel)
		p.blanks()
		if p.take("]") {
			return list, nil
		}
		if err := p.need(","); err != nil {
			return nil, p.expected(`"," or "]"`)
		}
	}
}

func (p *parser) selector() (selector, error) {
	switch r := p.peek(); {
	case r == '\'' || r == '"':
		text, err := p.quoted()
		return name(text), err
	case r == '*':
		p.at++
		return wildcard{}, nil
	case r == '?':
		p.at++
		p.blanks()
		test, err := p.either()
		return filter{test}, err
	case r == ':' || r == '-' || isDigit(r):
		return p.indexOrSlice()
	default:
		return nil, p.expected(`a quoted name, an index, "*" or "?"`)
	}
}

func (p *parser) indexOrSlice() (selector, error) {
	start, err := p.optionalInt()
	if err != nil {
		return nil, err
	}
	before := p.at
	p.blanks()
	if !p.take(":") {
		p.at = before
		return index(*start), nil // selector saw a digit or a minus
	}
	p.blanks()
	sl := slice{start: start, step: 1}
	if sl.end, err = p.optionalInt(); err != nil {
		return nil, err
	}
	p.blanks()
	if !p.take(":") {
		return sl, nil
	}
	p.blanks()
	step, err := p.optionalInt()
	if step != nil {
		sl.step = *step
	}
	return sl, err
}

// optionalInt reads an integer of at most 2^53-1 without leading zeros; nil
// where none begins.
func (p *parser) optionalInt() (*int64, error) {
	const limit = 1<<53 - 1
	negative := p.take("-")
	if !isDigit(p.peek()) {
		if negative {
			return nil, p.expected("a digit")
		}
		return nil, nil
	}
	if p.peek() == '0' && (negative || isDigit(p.peekAt(1))) {
		return nil, p.expected("an integer without leading zeros")
	}
	var n int64
	for ; isDigit(p.peek()); p.at++ {
		if n = n*10 + int64(p.peek()-'0'); n > limit {
			return nil, p.expected("an integer below 2^53")
		}
	}
	if negative {
		n = -n
	}
	return &n, nil
}
