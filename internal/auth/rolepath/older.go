package rolepath

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// olderPath is the form of PostgREST 14 and before, which 16 still reads: keys
// and indexes, and at the very end at most one filter over strings.
//
// Source: PostgREST 16, Config.DeprecatedJSPath module.
type olderPath struct {
	steps  steps
	filter *olderFilter
}

type olderFilter struct {
	matches func(item, pattern string) bool
	pattern string
}

func (o olderPath) first(root any) (any, bool) {
	found, ok := o.steps.first(root)
	if o.filter == nil || !ok {
		return found, ok
	}
	list, _ := found.([]any)
	for _, v := range list {
		if item, ok := v.(string); ok && o.filter.matches(item, o.filter.pattern) {
			return v, true
		}
	}
	return nil, false
}

// parser reads a path from left to right. Its methods leave the position after
// the text that they read; on an error it does not matter.
type parser struct {
	in []rune
	at int
}

// end is peek's result after the last character.
const end = rune(-1)

func (p *parser) peek() rune {
	if p.at >= len(p.in) {
		return end
	}
	return p.in[p.at]
}

// take skips text where it comes next, and reports whether it did.
func (p *parser) take(text string) bool {
	runes := []rune(text)
	if len(p.in)-p.at < len(runes) || !slices.Equal(p.in[p.at:p.at+len(runes)], runes) {
		return false
	}
	p.at += len(runes)
	return true
}

func (p *parser) need(text string) error {
	if !p.take(text) {
		return p.expected(`"` + text + `"`)
	}
	return nil
}

func (p *parser) expected(what string) error { return syntaxError{p.at + 1, what} }

func (p *parser) olderPath() (olderPath, error) {
	var o olderPath
	for p.peek() != end {
		if p.take("[?(") {
			f, err := p.olderFilter()
			o.filter = &f
			return o, err
		}
		step, err := p.olderStep()
		if err != nil {
			return o, err
		}
		o.steps = append(o.steps, step)
	}
	return o, nil
}

func (p *parser) olderStep() (step, error) {
	switch {
	case p.take("."):
		key, err := p.olderKey()
		return step{key: key}, err
	case p.take("["):
		i, err := p.olderIndex()
		return step{index: i, isIndex: true}, err
	default:
		return step{}, p.expected(`".", "[" or the end`)
	}
}

func (p *parser) olderKey() (string, error) {
	if p.peek() == '"' {
		return p.olderQuoted()
	}
	from := p.at
	for r := p.peek(); unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("_$@", r); r = p.peek() {
		p.at++
	}
	if p.at == from {
		return "", p.expected("a name")
	}
	return string(p.in[from:p.at]), nil
}

// olderQuoted reads a string in double quotes; it knows no escapes.
func (p *parser) olderQuoted() (string, error) {
	if err := p.need(`"`); err != nil {
		return "", err
	}
	from := p.at
	for p.peek() != '"' {
		if p.peek() == end {
			return "", p.expected(`a closing "`)
		}
		p.at++
	}
	p.at++
	return string(p.in[from : p.at-1]), nil
}

func (p *parser) olderIndex() (int64, error) {
	from := p.at
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	if p.at == from {
		return 0, p.expected("a digit")
	}
	i, err := strconv.ParseInt(string(p.in[from:p.at]), 10, 64)
	if err != nil {
		p.at = from
		return 0, p.expected("a smaller index")
	}
	return i, p.need("]")
}

// olderFilter reads the text behind "[?(", which must be the end of the path.
func (p *parser) olderFilter() (olderFilter, error) {
	if err := p.need("@"); err != nil {
		return olderFilter{}, err
	}
	p.olderBlanks()
	matches := p.olderOperator()
	if matches == nil {
		return olderFilter{}, p.expected("==, !=, ^==, ==^ or *==")
	}
	p.olderBlanks()
	pattern, err := p.olderQuoted()
	if err != nil {
		return olderFilter{}, err
	}
	if err := p.need(")]"); err != nil {
		return olderFilter{}, err
	}
	if p.peek() != end {
		return olderFilter{}, p.expected("the end: a filter comes last")
	}
	return olderFilter{matches, pattern}, nil
}

func (p *parser) olderOperator() func(item, pattern string) bool {
	switch {
	case p.take("==^"): // before "=="
		return strings.HasSuffix
	case p.take("=="):
		return func(item, pattern string) bool { return item == pattern }
	case p.take("!="):
		return func(item, pattern string) bool { return item != pattern }
	case p.take("^=="):
		return strings.HasPrefix
	case p.take("*=="):
		return strings.Contains
	default:
		return nil
	}
}

func (p *parser) olderBlanks() {
	for unicode.IsSpace(p.peek()) {
		p.at++
	}
}
