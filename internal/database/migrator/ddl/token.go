package ddl

import "strings"

// kind is that of a token.
type kind int

const (
	end    kind = iota
	word        // an unquoted name or key word, in lower case
	quoted      // a "quoted name", without the quotes
	text        // a 'string', with the quotes taken off
	body        // a $tag$ string $tag$, without the tags
	mark        // any other single character
)

type token struct {
	kind       kind
	text       string
	start, end int // bytes of the source
}

func (t token) is(k kind, s string) bool { return t.kind == k && t.text == s }

// scanner cuts a source into tokens; comments and white space are left out.
type scanner struct {
	src string
	pos int
}

func (s *scanner) next() token {
	s.skip()
	start := s.pos
	if start >= len(s.src) {
		return token{kind: end, start: start, end: start}
	}
	t := token{start: start}
	switch c := s.src[start]; {
	case c == '\'':
		t.kind, t.text = text, s.delimited('\'', false)
	case (c == 'e' || c == 'E') && strings.HasPrefix(s.src[start+1:], "'"):
		s.pos++
		t.kind, t.text = text, s.delimited('\'', true)
	case c == '"':
		t.kind, t.text = quoted, s.delimited('"', false)
	case c == '$' && s.tag() != "":
		t.kind, t.text = body, s.dollar(s.tag())
	case isWord(c):
		for s.pos < len(s.src) && (isWord(s.src[s.pos]) || s.src[s.pos] == '$') {
			s.pos++
		}
		t.kind, t.text = word, strings.ToLower(s.src[start:s.pos])
	default:
		s.pos++
		t.kind, t.text = mark, s.src[start:s.pos]
	}
	t.end = s.pos
	return t
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// skip passes white space and comments; those in /* */ nest.
func (s *scanner) skip() {
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(rest[0])):
			s.pos++
		case strings.HasPrefix(rest, "--"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				s.pos += n
			} else {
				s.pos = len(s.src)
			}
		case strings.HasPrefix(rest, "/*"):
			s.comment()
		default:
			return
		}
	}
}

func (s *scanner) comment() {
	for depth := 0; s.pos < len(s.src); {
		rest := s.src[s.pos:]
		switch {
		case strings.HasPrefix(rest, "/*"):
			depth, s.pos = depth+1, s.pos+2
		case strings.HasPrefix(rest, "*/"):
			depth, s.pos = depth-1, s.pos+2
		default:
			s.pos++
		}
		if depth == 0 {
			return
		}
	}
}

// delimited reads to the closing quote; a doubled one stands for itself.
func (s *scanner) delimited(quote byte, escapes bool) string {
	var b strings.Builder
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case escapes && c == '\\' && s.pos+1 < len(s.src):
			s.pos++
			b.WriteByte(s.src[s.pos])
		case c != quote:
			b.WriteByte(c)
		case s.pos+1 < len(s.src) && s.src[s.pos+1] == quote:
			s.pos++
			b.WriteByte(c)
		default:
			s.pos++
			return b.String()
		}
	}
	return b.String()
}

// tag is the opening $tag$ at the scanner's place, "" if there is none.
func (s *scanner) tag() string {
	for i := s.pos + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '$':
			return s.src[s.pos : i+1]
		case !isWord(c), i == s.pos+1 && c >= '0' && c <= '9': // $1 is a parameter
			return ""
		}
	}
	return ""
}

func (s *scanner) dollar(tag string) string {
	from := s.pos + len(tag)
	n := strings.Index(s.src[from:], tag)
	if n < 0 {
		s.pos = len(s.src)
		return s.src[from:]
	}
	s.pos = from + n + len(tag)
	return s.src[from : from+n]
}

func tokenize(src string) []token {
	var list []token
	s := scanner{src: src}
	for t := s.next(); t.kind != end; t = s.next() {
		list = append(list, t)
	}
	return list
}
