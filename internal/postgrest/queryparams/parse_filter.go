package queryparams

import "strings"

// valueForm says where a filter's value ends.
type valueForm uint8

const (
	wholeValue valueForm = iota // at the end of the text
	logicValue                  // inside a logic tree: at a comma or parenthesis, unless quoted
)

// operation takes "not.op.value". It fails without consuming when the text is
// no filter at all.
func (s *scanner) operation(form valueForm) (not bool, op Operation, ok bool) {
	not = s.word("not.")
	start := s.i
	switch {
	case s.word("in."):
		op.Op = In
		op.Values, ok = s.list()
	case s.word("is."):
		op.Op = IsOp
		op.Is, ok = s.isValue()
	default:
		if op, ok = s.operator(); ok {
			op.Value = s.value(form)
		} else {
			s.i = start
		}
	}
	return not, op, ok
}

// operator takes "op.", "op(any)." or "fts(language)."
func (s *scanner) operator() (Operation, bool) {
	rest := s.text[s.i:]
	end := strings.IndexAny(rest[:min(len(rest), len("isdistinct.")+1)], ".(")
	if end < 0 {
		return Operation{}, false
	}
	op := Operation{Op: operatorNamed(rest[:end])}
	if op.Op == OpNone {
		return op, false
	}
	s.i += end
	switch {
	case op.Op.IsQuantifiable():
		op.Quantifier = s.quantifier()
	case op.Op.IsFullText():
		op.Language = s.language()
	}
	return op, s.char('.')
}

func (s *scanner) quantifier() Quantifier {
	switch {
	case s.word("(any)"):
		return Any
	case s.word("(all)"):
		return All
	default:
		return QuantifierNone
	}
}

// language takes "(name)", or nothing.
func (s *scanner) language() string {
	start := s.i
	if s.char('(') {
		if name, ok := s.identifier(); ok && s.char(')') {
			return name
		}
	}
	s.i = start
	return ""
}

// isValue takes a word of IsOp in any case. The text behind it is not looked at.
func (s *scanner) isValue() (IsValue, bool) {
	rest := s.text[s.i:]
	for v := IsNull; v <= IsUnknown; v++ {
		if word := v.String(); len(rest) >= len(word) && equalFoldASCII(rest[:len(word)], word) {
			s.i += len(word)
			return v, true
		}
	}
	return IsNothing, false
}

// equalFoldASCII reports whether text is word in any case; unlike
// strings.EqualFold it takes no other letter for one of word's.
func equalFoldASCII(text, word string) bool {
	for i := range len(word) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// list takes "(a,"b,c",d)" with blanks around the parentheses.
func (s *scanner) list() ([]string, bool) {
	s.blanks()
	if !s.char('(') {
		return nil, false
	}
	s.blanks()
	inside, _, _ := strings.Cut(s.text[s.i:], ")")
	values := make([]string, 0, 1+strings.Count(inside, ","))
	for {
		values = append(values, s.element())
		if s.char(',') {
			continue
		}
		s.blanks()
		ok := s.char(')')
		s.blanks()
		return values, ok
	}
}

// element takes a quoted value, or all up to the next comma or parenthesis. A
// quoted value that something else follows is no quoted value.
func (s *scanner) element() string {
	start := s.i
	if s.next('"') {
		if value, ok := s.quoted(); ok && (s.atEnd() || s.next(',') || s.next(')')) {
			return value
		}
		s.i = start
	}
	return s.plain()
}

// plain takes all up to the next comma or closing parenthesis.
func (s *scanner) plain() string {
	rest := s.text[s.i:]
	end := strings.IndexAny(rest, ",)")
	if end < 0 {
		end = len(rest)
	}
	s.i += end
	return rest[:end]
}

func (s *scanner) value(form valueForm) string {
	if form == wholeValue {
		value := s.text[s.i:]
		s.i = len(s.text)
		return value
	}
	if s.next('{') {
		if value, ok := s.array(); ok {
			return value
		}
	}
	return s.element()
}

// array takes "{1,2}", whose commas end no value.
func (s *scanner) array() (string, bool) {
	rest := s.text[s.i:]
	end := strings.IndexAny(rest[1:], "{}")
	if end < 0 || rest[1+end] == '{' {
		return "", false
	}
	s.i += end + 2
	return rest[:end+2], true
}
