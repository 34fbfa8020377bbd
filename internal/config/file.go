package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// addFile reads s.File: lines of "key = value", "import" lines and groups.
//
// Source: the configurator-pg library that PostgREST reads its file with.
func (g values) addFile(s Sources) error {
	r := reader{values: g, src: s}
	return r.load(s.File)
}

// maxImports stops a file that imports itself.
const maxImports = 16

// reader walks one file after another and keeps their settings.
type reader struct {
	values values
	src    Sources
	depth  int
}

func (r *reader) load(name string) error {
	if r.depth++; r.depth > maxImports {
		return fmt.Errorf("read %s: more than %d imports", name, maxImports)
	}
	defer func() { r.depth-- }()
	text, err := r.src.read(name)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	p := scanner{text: string(text), name: name}
	if err := r.directives(&p, ""); err != nil {
		return fmt.Errorf("%s:%d: %w", name, p.line(), err)
	}
	return nil
}

// directives reads up to the end of the file, or of the group that prefix names.
func (r *reader) directives(p *scanner, prefix string) error {
	for {
		p.skipLines()
		switch {
		case p.done() && prefix == "":
			return nil
		case p.done():
			return errors.New("a group is not closed with }")
		case prefix != "" && p.take('}'):
			return nil
		}
		if err := r.directive(p, prefix); err != nil {
			return err
		}
		if p.skipBlanks(); !p.done() && !p.take('\n') && !p.take('\r') && !p.ahead('}') {
			return errors.New("one setting per line, please")
		}
	}
}

func (r *reader) directive(p *scanner, prefix string) error {
	key, err := p.key()
	if err != nil {
		return err
	}
	p.skipLines()
	switch {
	case key == "import":
		return r.include(p)
	case p.take('{'):
		return r.directives(p, prefix+key+".")
	case !p.take('='):
		return fmt.Errorf("%s: a setting reads as key = value", key)
	}
	p.skipLines()
	text, quoted, err := p.value()
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if quoted {
		if text, err = r.interpolate(text, prefix); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	r.values[prefix+key] = value{text: text, given: p.name + ":" + strconv.Itoa(p.line())}
	return nil
}

// include reads another file, found beside the present one.
func (r *reader) include(p *scanner) error {
	name, quoted, err := p.value()
	if err != nil || !quoted {
		return errors.New(`import takes a file name in quotes, as import "other.conf"`)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(p.name), name)
	}
	return r.load(name)
}

// interpolate replaces $(name) by a setting read before or an environment
// variable, and $$ by $.
func (r *reader) interpolate(text, prefix string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if after, ok := strings.CutPrefix(rest, "$"); ok {
			b.WriteByte('$')
			text = after
			continue
		}
		name, after, closed := strings.Cut(strings.TrimPrefix(rest, "("), ")")
		if !strings.HasPrefix(rest, "(") || !closed || name == "" {
			return "", errors.New("has a $ that is neither $$ nor $(NAME)")
		}
		known, ok := r.variable(name, prefix)
		if !ok {
			return "", fmt.Errorf("names the variable %s, which is not set", name)
		}
		b.WriteString(known)
		text = after
	}
}

// variable looks name up in the groups around it, from the innermost out, then
// in the environment.
func (r *reader) variable(name, prefix string) (string, bool) {
	for {
		if v, ok := r.values[prefix+name]; ok {
			return v.text, true
		}
		if prefix == "" {
			break
		}
		outer := strings.LastIndexByte(strings.TrimSuffix(prefix, "."), '.')
		prefix = prefix[:outer+1]
	}
	for _, line := range r.src.Environ {
		if text, ok := strings.CutPrefix(line, name+"="); ok {
			return text, true
		}
	}
	return "", false
}

// scanner is a place in the text of one file.
type scanner struct {
	text string
	name string
	at   int
}

func (p *scanner) done() bool        { return p.at >= len(p.text) }
func (p *scanner) ahead(c byte) bool { return !p.done() && p.text[p.at] == c }
func (p *scanner) line() int         { return 1 + strings.Count(p.text[:min(p.at, len(p.text))], "\n") }
func (p *scanner) take(c byte) (ok bool) {
	if ok = p.ahead(c); ok {
		p.at++
	}
	return ok
}

// while returns the longest run of runes that all are in.
func (p *scanner) while(in func(rune) bool) string {
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !in(r) })
	if end < 0 {
		end = len(rest)
	}
	p.at += end
	return rest[:end]
}

func (p *scanner) comment() {
	if p.ahead('#') {
		p.while(func(r rune) bool { return r != '\n' && r != '\r' })
	}
}

// skipBlanks stays on the line.
func (p *scanner) skipBlanks() {
	p.while(func(r rune) bool { return r == ' ' || r == '\t' })
	p.comment()
}

// skipLines skips all blanks and comments.
func (p *scanner) skipLines() {
	for {
		from := p.at
		p.while(unicode.IsSpace)
		p.comment()
		if p.at == from {
			return
		}
	}
}

// key reads names between dots, each a letter and then letters, digits, _ or -.
func (p *scanner) key() (string, error) {
	key := p.while(func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r)
	})
	for part := range strings.SplitSeq(key, ".") {
		if part == "" || !unicode.IsLetter([]rune(part)[0]) {
			return "", errors.New("here should be the name of a setting")
		}
	}
	return key, nil
}

// value reads a quoted text, a number or a word for a boolean.
func (p *scanner) value() (text string, quoted bool, err error) {
	if p.take('"') {
		text, err = p.quoted()
		return text, true, err
	}
	bare := p.while(func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune(`#"}`, r) })
	switch bare {
	case "true", "on":
		return "true", false, nil
	case "false", "off":
		return "false", false, nil
	}
	number, err := strconv.ParseFloat(bare, 64)
	if err != nil {
		return "", false, errors.New("the value must be a number, true, false, or a text in double quotes")
	}
	return strconv.FormatFloat(number, 'f', -1, 64), false, nil
}

// quoted reads up to the closing quote, after the opening one.
func (p *scanner) quoted() (string, error) {
	var b strings.Builder
	for {
		b.WriteString(p.while(func(r rune) bool { return r != '"' && r != '\\' }))
		switch {
		case p.take('"'):
			return b.String(), nil
		case p.done():
			return "", errors.New("the closing quote is missing")
		}
		p.at++ // the backslash
		r, err := p.escape()
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
	}
}

func (p *scanner) escape() (rune, error) {
	if p.done() {
		return 0, errors.New("the closing quote is missing")
	}
	c := p.text[p.at]
	p.at++
	switch c {
	case 'n':
		return '\n', nil
	case 't':
		return '\t', nil
	case 'r':
		return '\r', nil
	case '"', '\\':
		return rune(c), nil
	case 'u':
		return p.unicode()
	}
	return 0, errors.New(`an escape is one of \n \t \r \" \\ \uXXXX`)
}

// unicode reads four hexadecimal digits, or a surrogate pair of them.
func (p *scanner) unicode() (rune, error) {
	high, err := p.hex()
	if err != nil || !utf16.IsSurrogate(high) {
		return high, err
	}
	if !p.take('\\') || !p.take('u') {
		return 0, errors.New(`\u stands alone with half of a surrogate pair`)
	}
	low, err := p.hex()
	if err != nil {
		return 0, err
	}
	r := utf16.DecodeRune(high, low)
	if r == unicode.ReplacementChar {
		return 0, errors.New(`\u has two halves that are no surrogate pair`)
	}
	return r, nil
}

func (p *scanner) hex() (rune, error) {
	const digits = 4
	if len(p.text)-p.at < digits {
		return 0, errors.New(`\u takes four hexadecimal digits`)
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+digits], 16, 32)
	if err != nil {
		return 0, errors.New(`\u takes four hexadecimal digits`)
	}
	p.at += digits
	return rune(n), nil
}
