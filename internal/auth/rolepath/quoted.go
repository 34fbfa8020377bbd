package rolepath

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// quoted reads a string in single or double quotes, with JSON's escapes.
func (p *parser) quoted() (string, error) {
	quote := p.peek()
	p.at++
	var b strings.Builder
	for {
		r := p.peek()
		switch {
		case r == quote:
			p.at++
			return b.String(), nil
		case r == end:
			return "", p.expected("a closing " + string(quote))
		case r < 0x20:
			return "", p.expected("no control character")
		case r == '\\':
			p.at++
			escaped, err := p.escaped(quote)
			if err != nil {
				return "", err
			}
			b.WriteRune(escaped)
		default:
			p.at++
			b.WriteRune(r)
		}
	}
}

// escaped reads what follows a backslash.
func (p *parser) escaped(quote rune) (rune, error) {
	r := p.peek()
	if r == quote {
		p.at++
		return r, nil
	}
	if i := strings.IndexRune(`/\bfnrt`, r); i >= 0 {
		p.at++
		return rune("/\\\b\f\n\r\t"[i]), nil
	}
	if r != 'u' {
		return 0, p.expected("an escape of JSON")
	}
	high, err := p.hex()
	if err != nil || !utf16.IsSurrogate(high) {
		return high, err
	}
	if !p.take(`\`) || p.peek() != 'u' {
		return 0, p.expected("the second half of a surrogate pair")
	}
	from := p.at
	low, err := p.hex()
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(high, low)
	if pair == '\uFFFD' {
		p.at = from
		return 0, p.expected("a surrogate pair")
	}
	return pair, nil
}

// hex reads "u" and four hexadecimal digits.
func (p *parser) hex() (rune, error) {
	const digits = 4
	p.at++
	if p.at+digits > len(p.in) {
		return 0, p.expected("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(string(p.in[p.at:p.at+digits]), 16, 16)
	if err != nil {
		return 0, p.expected("four hexadecimal digits")
	}
	p.at += digits
	return rune(n), nil
}
