package rolepath

import (
	"regexp"

	"github.com/romashka/sidecar/internal/auth/claim"
)

func (p *parser) either() (expr, error) {
	list, err := p.joined("||", p.all)
	return either(list), err
}

func (p *parser) all() (expr, error) {
	list, err := p.joined("&&", p.test)
	return all(list), err
}

// joined reads one part or more with op between them.
func (p *parser) joined(op string, part func() (expr, error)) ([]expr, error) {
	var list []expr
	for {
		e, err := part()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		before := p.at
		p.blanks()
		if !p.take(op) {
			p.at = before
			return list, nil
		}
		p.blanks()
	}
}

// test reads a parenthesis, a comparison, a query or a function, the first,
// third and fourth also behind "!".
func (p *parser) test() (expr, error) {
	if p.take("!") {
		p.blanks()
		e, err := p.negatable()
		return not{e}, err
	}
	switch p.peek() {
	case '(', 's':
		return p.negatable()
	case '@', '$':
		return p.queryOrComparison()
	default:
		left, err := p.literal()
		if err != nil {
			return nil, err
		}
		return p.comparison(operand{literal: left})
	}
}

func (p *parser) negatable() (expr, error) {
	switch p.peek() {
	case '(':
		return p.parenthesis()
	case 's':
		return p.search()
	default:
		q, err := p.query()
		return exists{q}, err
	}
}

func (p *parser) parenthesis() (expr, error) {
	p.at++
	p.blanks()
	e, err := p.either()
	if err != nil {
		return nil, err
	}
	p.blanks()
	return e, p.need(")")
}

func (p *parser) queryOrComparison() (expr, error) {
	from := p.at
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	before := p.at
	p.blanks()
	if p.operator() == "" {
		p.at = before
		return exists{q}, nil
	}
	if !q.singular() {
		p.at = from
		return nil, p.expected("a query of one value, to compare")
	}
	return p.comparison(operand{query: &q})
}

// operator returns the comparison operator that comes next, "" if none does.
func (p *parser) operator() string {
	for _, op := range [...]string{"==", "!=", "<=", ">=", "<", ">"} { // longest first
		at := p.at
		found := p.take(op)
		p.at = at
		if found {
			return op
		}
	}
	return ""
}

func (p *parser) comparison(left operand) (expr, error) {
	p.blanks()
	op := p.operator()
	if op == "" {
		return nil, p.expected("a comparison")
	}
	p.take(op)
	p.blanks()
	from := p.at
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if right.query != nil && !right.query.singular() {
		p.at = from
		return nil, p.expected("a query of one value, to compare")
	}
	return comparison{op, left, right}, nil
}

// operand reads a query or a literal.
func (p *parser) operand() (operand, error) {
	if r := p.peek(); r == '@' || r == '$' {
		q, err := p.query()
		return operand{query: &q}, err
	}
	v, err := p.literal()
	return operand{literal: v}, err
}

// search reads search(text, pattern), the one function of PostgREST 16.
func (p *parser) search() (expr, error) {
	if !p.take("search(") {
		return nil, p.expected("search(...), the only function")
	}
	p.blanks()
	text, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.blanks()
	if err := p.need(","); err != nil {
		return nil, err
	}
	p.blanks()
	from := p.at
	pattern, err := p.operand()
	if err != nil {
		return nil, err
	}
	e := search{text: text, pattern: pattern}
	if literal, ok := pattern.literal.(string); ok {
		if e.compiled, err = regexp.Compile(literal); err != nil {
			p.at = from
			return nil, p.expected("a regular expression")
		}
	}
	p.blanks()
	return e, p.need(")")
}

func (p *parser) literal() (any, error) {
	switch r := p.peek(); {
	case r == '\'' || r == '"':
		return p.quoted()
	case r == '-' || isDigit(r):
		return p.number()
	case p.take("true"):
		return true, nil
	case p.take("false"):
		return false, nil
	case p.take("null"):
		return nil, nil
	default:
		return nil, p.expected(`a query, a literal, "(" or search(`)
	}
}

// number reads what JSON calls one.
func (p *parser) number() (claim.Number, error) {
	from := p.at
	p.take("-")
	if p.peek() == '0' && isDigit(p.peekAt(1)) {
		return "", p.expected("a number without leading zeros")
	}
	if err := p.digits(); err != nil {
		return "", err
	}
	if p.take(".") {
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	if p.take("e") || p.take("E") {
		if !p.take("+") {
			p.take("-")
		}
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	return claim.Number(p.in[from:p.at]), nil
}

// digits skips one digit or more.
func (p *parser) digits() error {
	if !isDigit(p.peek()) {
		return p.expected("a digit")
	}
	for isDigit(p.peek()) {
		p.at++
	}
	return nil
}
