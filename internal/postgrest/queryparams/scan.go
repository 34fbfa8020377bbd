package queryparams

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner reads one parameter's text from left to right.
//
// Its methods report success. After a failure i stands at the method's start
// only if nothing was consumed; the grammar distinguishes the two in a few
// places. The words for a failure are found by explain, in a second pass.
type scanner struct {
	text  string
	i     int
	depth int // of nested embeds or logic trees
}

// maxDepth bounds recursion, so that no query string exhausts the stack.
const maxDepth = 200

func (s *scanner) atEnd() bool { return s.i == len(s.text) }

func (s *scanner) next(c byte) bool { return s.i < len(s.text) && s.text[s.i] == c }

func (s *scanner) nextIs(word string) bool { return strings.HasPrefix(s.text[s.i:], word) }

// char takes c.
func (s *scanner) char(c byte) bool {
	if !s.next(c) {
		return false
	}
	s.i++
	return true
}

// word takes word, or nothing.
func (s *scanner) word(word string) bool {
	if !s.nextIs(word) {
		return false
	}
	s.i += len(word)
	return true
}

// blanks takes spaces and tabs.
func (s *scanner) blanks() {
	for s.next(' ') || s.next('\t') {
		s.i++
	}
}

// comma takes a separator with the blanks around it. Blanks without a comma
// behind them are an error: ok is false, and more is false too.
func (s *scanner) comma() (more, ok bool) {
	start := s.i
	s.blanks()
	if !s.char(',') {
		return false, s.i == start
	}
	s.blanks()
	return true, true
}

// fieldName takes a name: "quoted", or words joined by dashes.
func (s *scanner) fieldName() (string, bool) {
	if s.next('"') {
		return s.quoted()
	}
	return s.dashed(isIdentifierRune)
}

// quoted takes "text", in which a backslash makes the next character literal.
func (s *scanner) quoted() (string, bool) {
	s.i++ // the quote
	end := strings.IndexAny(s.text[s.i:], `"\`)
	if end >= 0 && s.text[s.i+end] == '"' {
		value := s.text[s.i : s.i+end]
		s.i += end + 1
		return value, true
	}
	return s.quotedEscaped()
}

func (s *scanner) quotedEscaped() (string, bool) {
	var b strings.Builder
	for !s.atEnd() {
		switch c := s.text[s.i]; c {
		case '"':
			s.i++
			return b.String(), true
		case '\\':
			s.i++
			_, size := utf8.DecodeRuneInString(s.text[s.i:])
			b.WriteString(s.text[s.i : s.i+size])
			s.i += size
		default:
			b.WriteByte(c)
			s.i++
		}
	}
	return "", false
}

// dashed takes runs of runes joined by dashes that begin no arrow; the space
// around each run is dropped.
func (s *scanner) dashed(inRun func(rune) bool) (string, bool) {
	start := s.i
	var parts []string // none while nothing was dropped
	for {
		part := s.i
		if !s.run(inRun) {
			return "", false
		}
		trimmed := TrimSpace(s.text[part:s.i])
		switch {
		case parts != nil:
			parts = append(parts, trimmed)
		case len(trimmed) < s.i-part && part > start:
			parts = []string{s.text[start : part-1], trimmed}
		case len(trimmed) < s.i-part:
			parts = []string{trimmed}
		}
		if !s.next('-') || s.nextIs("->") {
			break
		}
		s.i++
	}
	if parts == nil {
		return s.text[start:s.i], true
	}
	return strings.Join(parts, "-"), true
}

// run takes runes while inRun holds, at least one.
func (s *scanner) run(inRun func(rune) bool) bool {
	start := s.i
	for s.i < len(s.text) {
		r, size := rune(s.text[s.i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s.text[s.i:])
		}
		if !inRun(r) {
			break
		}
		s.i += size
	}
	return s.i > start
}

// identifier takes one run of name characters; the space around it is dropped.
func (s *scanner) identifier() (string, bool) {
	start := s.i
	ok := s.run(isIdentifierRune)
	return TrimSpace(s.text[start:s.i]), ok
}

// field takes a name with an optional JSON path, and the blanks around both.
func (s *scanner) field() (Field, bool) {
	s.blanks()
	name, ok := s.fieldName()
	if !ok {
		return Field{}, false
	}
	path, ok := s.jsonPath()
	if !ok {
		return Field{}, false
	}
	s.blanks()
	return Field{Name: name, Path: path}, true
}

// jsonPath takes any number of arrows, each with its operand.
func (s *scanner) jsonPath() ([]JSONStep, bool) {
	var path []JSONStep
	for s.word("->") {
		step := JSONStep{AsText: s.char('>')}
		var ok bool
		if step.Operand, ok = s.jsonIndex(); ok {
			step.Index = true
		} else if step.Operand, ok = s.jsonKey(); !ok {
			return nil, false
		}
		path = append(path, step)
	}
	return path, true
}

// jsonIndex takes an array index with its sign, or nothing. The text behind it
// must end it; a closing parenthesis does not, as at PostgREST.
func (s *scanner) jsonIndex() (string, bool) {
	start := s.i
	sign := "+"
	if s.char('-') {
		sign = "-"
	}
	digits := s.i
	for s.i < len(s.text) && '0' <= s.text[s.i] && s.text[s.i] <= '9' {
		s.i++
	}
	ended := s.atEnd() || s.next('.') || s.next(',') || s.nextIs("->") || s.nextIs("::")
	if s.i == digits || !ended {
		s.i = start
		return "", false
	}
	return sign + s.text[digits:s.i], true
}

func (s *scanner) jsonKey() (string, bool) {
	if s.next('"') {
		return s.quoted()
	}
	return s.dashed(isJSONKeyRune)
}

func isIdentifierRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case r == '_', r == ' ', r == '$':
		return true
	}
	return r >= utf8.RuneSelf && unicode.IsLetter(r)
}

func isJSONKeyRune(r rune) bool {
	switch r {
	case '(', '-', ':', '.', ',', '>', ')':
		return false
	default:
		return true
	}
}

// TrimSpace drops white space at both ends. Unlike strings.TrimSpace it keeps
// line separators that are no spaces (U+0085, U+2028), as PostgREST does.
func TrimSpace(text string) string { return strings.TrimFunc(text, isSpace) }

func isSpace(r rune) bool {
	return r == ' ' || '\t' <= r && r <= '\r' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r)
}
