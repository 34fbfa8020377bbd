package apirequest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// jsonScanner checks that bytes are JSON without building its values: a large
// body is only looked at here, PostgreSQL is who reads it.
//
// Its methods report whether what they passed over was well-formed. Depth
// costs heap, not stack, so nesting needs no limit.
type jsonScanner struct {
	text []byte
	i    int
}

// jsonRows checks a body and returns the keys of its object, or of every
// object in its array.
//
// uniform is false for an array whose elements are not all objects of the same
// keys. rows is false for a body without rows: a scalar, or an empty array.
func jsonRows(text []byte) (keys []string, rows, uniform, valid bool) {
	raw, rows, uniform, valid := rawRows(text)
	if rows {
		keys = keySet(raw)
	}
	return keys, rows, uniform, valid
}

// AppendBodyShape appends to key what a plan may depend on of a JSON body:
// whether it is an object or an array of objects, and their keys. Two bodies
// of one shape differ in values alone. ok is false for a body that is not JSON,
// or has no rows, or rows of different keys.
func AppendBodyShape(key, body []byte) (_ []byte, ok bool) {
	raw, rows, uniform, valid := rawRows(body)
	if !rows || !uniform || !valid {
		return key, false
	}
	key = append(key, bytes.TrimLeft(body, " \t\r\n")[0])
	for _, one := range raw {
		key = append(append(key, one...), '"') // which no key has inside but behind a backslash
	}
	return key, true
}

// rawRows is jsonRows with keys as they stand in the text, those of the first
// object.
func rawRows(text []byte) (keys [][]byte, rows, uniform, valid bool) {
	if !utf8.Valid(text) {
		return nil, false, false, false
	}
	s := &jsonScanner{text: text}
	s.space()
	uniform = true
	switch {
	case s.next('{'):
		keys, valid = s.object(nil)
		rows = true
	case s.next('['):
		keys, rows, uniform, valid = s.array()
	default:
		valid = s.value()
	}
	s.space()
	return keys, rows, uniform, valid && s.i == len(s.text)
}

// array passes over the outermost array.
func (s *jsonScanner) array() (first [][]byte, rows, uniform, valid bool) {
	s.i++
	s.space()
	if s.take(']') {
		return nil, false, true, true
	}
	uniform = true
	var buffer [][]byte
	for n := 0; ; n++ {
		s.space()
		switch {
		case !s.next('{'):
			uniform = false
			valid = s.value()
		case n == 0:
			first, valid = s.object(nil)
		default:
			buffer, valid = s.object(buffer[:0])
			uniform = uniform && sameKeys(buffer, first)
		}
		s.space()
		if !valid || !s.take(',') {
			return first, true, uniform, valid && s.take(']')
		}
	}
}

// sameKeys compares an object's keys with the first object's: most often they
// stand in the same order, else their sets are compared.
func sameKeys(raw, first [][]byte) bool {
	return slices.EqualFunc(raw, first, bytes.Equal) || slices.Equal(keySet(raw), keySet(first))
}

// keySet returns keys unescaped, sorted and without repeats.
func keySet(raw [][]byte) []string {
	keys := make([]string, len(raw))
	for i, key := range raw {
		keys[i] = unescapeJSON(key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// unescapeJSON returns the text of a string whose inside was checked.
func unescapeJSON(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var text string
	if json.Unmarshal(slices.Concat([]byte{'"'}, inside, []byte{'"'}), &text) != nil {
		return string(inside)
	}
	return text
}

// object passes over an object and appends the inside of its keys to keys.
func (s *jsonScanner) object(keys [][]byte) ([][]byte, bool) {
	s.i++
	s.space()
	if s.take('}') {
		return keys, true
	}
	for {
		s.space()
		start := s.i + 1
		end, ok := s.key()
		if !ok || !s.value() {
			return keys, false
		}
		keys = append(keys, s.text[start:end])
		s.space()
		if !s.take(',') {
			return keys, s.take('}')
		}
	}
}

// value passes over any value. open holds the brackets it is inside of.
func (s *jsonScanner) value() bool {
	var room [32]byte
	open := room[:0]
	for {
		opened, ok := s.start()
		if !ok {
			return false
		}
		if opened != 0 {
			open = append(open, opened)
			continue
		}
		for { // a value has ended: go on behind it
			if len(open) == 0 {
				return true
			}
			more, ok := s.follow(open[len(open)-1])
			if !ok {
				return false
			}
			if more {
				break
			}
			open = open[:len(open)-1]
		}
	}
}

// start passes over a value, or over the opening of one that is not empty, up
// to its first element; opened is then its bracket.
func (s *jsonScanner) start() (opened byte, ok bool) {
	s.space()
	if s.i == len(s.text) {
		return 0, false
	}
	switch c := s.text[s.i]; c {
	case '{':
		s.i++
		s.space()
		if s.take('}') {
			return 0, true
		}
		_, ok = s.key()
		return c, ok
	case '[':
		s.i++
		s.space()
		if s.take(']') {
			return 0, true
		}
		return c, true
	case '"':
		return 0, s.string()
	case 't':
		return 0, s.word("true")
	case 'f':
		return 0, s.word("false")
	case 'n':
		return 0, s.word("null")
	default:
		return 0, s.number()
	}
}

// follow passes over what stands behind an element: a comma, and the key in
// an object, or the closing bracket.
func (s *jsonScanner) follow(open byte) (more, ok bool) {
	s.space()
	if s.take(',') {
		if open == '{' {
			s.space()
			_, ok = s.key()
			return true, ok
		}
		return true, true
	}
	return false, s.take(open + 2) // "[" and "]", "{" and "}" are two apart
}

// key passes over a key and its colon; end is where the key's inside ends.
func (s *jsonScanner) key() (end int, ok bool) {
	if !s.next('"') || !s.string() {
		return 0, false
	}
	end = s.i - 1
	s.space()
	return end, s.take(':')
}

func (s *jsonScanner) string() bool {
	s.i++
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == '"':
			s.i++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return false
		default:
			s.i++
		}
	}
	return false
}

// escape passes over an escape; a surrogate must come in a pair.
func (s *jsonScanner) escape() bool {
	s.i++
	if s.i == len(s.text) {
		return false
	}
	c := s.text[s.i]
	s.i++
	if c != 'u' {
		return strings.IndexByte(`"\/bfnrt`, c) >= 0
	}
	unit, ok := s.hex4()
	switch {
	case !ok || 0xDC00 <= unit && unit <= 0xDFFF:
		return false
	case unit < 0xD800 || 0xDFFF < unit:
		return true
	}
	if !s.word(`\u`) {
		return false
	}
	unit, ok = s.hex4()
	return ok && 0xDC00 <= unit && unit <= 0xDFFF
}

func (s *jsonScanner) hex4() (unit int, ok bool) {
	for range 4 {
		if s.i == len(s.text) {
			return 0, false
		}
		switch c := s.text[s.i]; {
		case '0' <= c && c <= '9':
			unit = unit<<4 | int(c-'0')
		case 'a' <= c && c <= 'f':
			unit = unit<<4 | int(c-'a'+10)
		case 'A' <= c && c <= 'F':
			unit = unit<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
		s.i++
	}
	return unit, true
}

func (s *jsonScanner) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('-') {
			s.take('+')
		}
		return s.digits()
	}
	return true
}

func (s *jsonScanner) digits() bool {
	start := s.i
	for s.i < len(s.text) && '0' <= s.text[s.i] && s.text[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

func (s *jsonScanner) space() {
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case ' ', '\n', '\r', '\t':
			s.i++
		default:
			return
		}
	}
}

func (s *jsonScanner) next(c byte) bool { return s.i < len(s.text) && s.text[s.i] == c }

func (s *jsonScanner) take(c byte) bool {
	if !s.next(c) {
		return false
	}
	s.i++
	return true
}

func (s *jsonScanner) word(word string) bool {
	if !bytes.HasPrefix(s.text[s.i:], []byte(word)) {
		return false
	}
	s.i += len(word)
	return true
}
