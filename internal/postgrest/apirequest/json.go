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
// Its methods report whether the text that they passed over was well-formed. Depth
// costs a bit a level on the heap, not stack, so nesting needs no limit.
type jsonScanner struct {
	text []byte
	i    int
	pace pace
	late error   // why nobody waits for the end any more
	room [8]byte // of the usual depth
}

// jsonBody is JSON that was looked through.
type jsonBody struct {
	keys    keys // of its object, or of the first in its array
	rows    bool // false for a scalar or an empty array, which hold no row
	uniform bool // false for an array whose elements are not all objects of the same keys
	valid   bool
	few     [8][]byte // room for keys
}

// scanJSON checks a body. Its error is the budget's.
func scanJSON(text []byte, b Budget) (*jsonBody, error) {
	own := new(struct { // one piece of memory
		body    jsonBody
		scanner jsonScanner
	})
	body, s := &own.body, &own.scanner
	body.uniform, body.keys.raw = true, body.few[:0]
	if !utf8.Valid(text) {
		return body, nil
	}
	s.text, s.pace = text, pace{budget: b}
	s.space()
	switch {
	case s.next('{'):
		body.valid = s.object(&body.keys)
		body.rows = true
	case s.next('['):
		body.valid = s.array(body)
	default:
		body.valid = s.value()
	}
	s.space()
	body.valid = body.valid && s.i == len(s.text)
	return body, s.late
}

// AppendBodyShape appends to key the parts of a JSON body that a plan depends on:
// whether it is an object or an array of objects, and their keys. Two bodies
// of one shape differ in values alone. ok is false for a body that is not JSON,
// or has no rows, or rows of different keys, or too many keys.
func AppendBodyShape(key, text []byte) (_ []byte, ok bool) {
	body, err := scanJSON(text, Budget{})
	if err != nil || !body.rows || !body.uniform || !body.valid || body.keys.wide() {
		return key, false
	}
	key = append(key, bytes.TrimLeft(text, " \t\r\n")[0])
	for _, one := range body.keys.raw {
		key = append(append(key, one...), '"') // which no key has inside but behind a backslash
	}
	return key, true
}

// array passes over the outermost array.
func (s *jsonScanner) array(body *jsonBody) (valid bool) {
	s.i++
	s.space()
	if s.take(']') {
		return true
	}
	body.rows = true
	var other keys
	for n := 0; ; n++ {
		s.space()
		switch {
		case !s.next('{'):
			body.uniform = false
			valid = s.value()
		case n == 0:
			valid = s.object(&body.keys)
		default:
			other.reset()
			valid = s.object(&other)
			body.uniform = body.uniform && sameKeys(&other, &body.keys)
		}
		s.space()
		if !valid || !s.take(',') {
			return valid && s.take(']')
		}
	}
}

// sameKeys reports whether an object's keys are the first object's: most often
// they stand in the same order, else their sets are compared. Objects that both
// have more keys than any row may are taken for alike: no plan has room for them
// but a function that takes them whole.
func sameKeys(k, first *keys) bool {
	if !k.wide() && !first.wide() && slices.EqualFunc(k.raw, first.raw, bytes.Equal) {
		return true
	}
	a, b := k.sorted(), first.sorted()
	return slices.Equal(a, b) || len(a) >= maxNames && len(b) >= maxNames
}

// unescapeJSON returns the text of a name whose inside was checked. One that
// is too long to be a name is cut.
func unescapeJSON(inside []byte) string {
	if len(inside) > maxName {
		return plainName(inside)
	}
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var text string
	if json.Unmarshal(slices.Concat([]byte{'"'}, inside, []byte{'"'}), &text) != nil {
		return string(inside)
	}
	return text
}

// object passes over an object and adds the inside of its keys to k.
func (s *jsonScanner) object(k *keys) bool {
	s.i++
	s.space()
	if s.take('}') {
		return s.goesOn()
	}
	for {
		s.space()
		start := s.i + 1
		end, ok := s.key()
		if !ok || !s.value() {
			return false
		}
		k.add(s.text[start:end])
		s.space()
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// goesOn reports whether somebody still waits.
func (s *jsonScanner) goesOn() bool {
	if s.late == nil {
		s.late = s.pace.step()
	}
	return s.late == nil
}

// nesting is a stack of brackets, a bit each: 1 for "{".
type nesting struct {
	bits  []byte
	depth int
}

func (n *nesting) push(bracket byte) {
	at, bit := n.depth/8, byte(1)<<(n.depth%8)
	if at == len(n.bits) {
		n.bits = append(n.bits, 0)
	}
	n.bits[at] &^= bit
	if bracket == '{' {
		n.bits[at] |= bit
	}
	n.depth++
}

// top is the innermost bracket.
func (n *nesting) top() byte {
	last := n.depth - 1
	if n.bits[last/8]&(1<<(last%8)) != 0 {
		return '{'
	}
	return '['
}

// value passes over any value, and reports whether it is valid.
func (s *jsonScanner) value() bool {
	open := nesting{bits: s.room[:0]}
	for s.goesOn() {
		opened, ok := s.start()
		if !ok {
			return false
		}
		if opened != 0 {
			open.push(opened)
			continue
		}
		for more := false; !more; { // a value has ended: go on behind it
			if open.depth == 0 {
				return true
			}
			if more, ok = s.follow(open.top()); !ok {
				return false
			}
			if !more {
				open.depth--
			}
		}
	}
	return false
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

// follow passes over the text behind an element: a comma, and the key in
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
