package catalog

import (
	"bytes"
	"strconv"
)

// target is an entry of a query's target list: the query's column and the
// column of the relation that it shows unchanged.
type target struct {
	column   int16  // position in the query, from 1
	relation uint32 // oid; 0 when the column is an expression
	source   int16  // position in that relation
}

// targets reads the target list of a view's query from the text of a
// pg_node_tree, such as
//
//	({QUERY :commandType 1 ... :targetList ({TARGETENTRY :expr {VAR ...}
//	:resno 1 :resname id :resorigtbl 16385 :resorigcol 1 ...} ...) ...})
//
// Words are separated by white space; brackets, braces and white space within
// a word are escaped by a backslash. Fields of nested nodes (expressions,
// subqueries) are deeper and are passed over. Entries that show no column of a
// relation, and trees of any other kind, give nothing.
func targets(tree []byte) []target {
	const queryDepth, entryDepth = 2, 4 // ({QUERY and, in its list, ({TARGETENTRY
	var (
		found   []target
		current target
		field   string
		inList  bool
		s       = scanner{rest: tree}
	)
	for {
		word, ok := s.next()
		switch {
		case !ok:
			return found
		case s.depth == queryDepth && word[0] == ':':
			inList = string(word) == ":targetList"
		case s.depth == queryDepth && word[0] == ')' && inList:
			return found
		case !inList:
		case s.depth == entryDepth && word[0] == '{':
			current = target{}
		case s.depth == entryDepth && word[0] == ':':
			field = string(word)
		case s.depth == entryDepth:
			current.set(field, word)
			field = ""
		case s.depth == entryDepth-1 && word[0] == '}' && current.relation != 0:
			found = append(found, current)
		}
	}
}

func (t *target) set(field string, value []byte) {
	number := func(bits int) uint64 {
		n, _ := strconv.ParseUint(string(value), 10, bits) // a text that is no number shows no column
		return n
	}
	switch field {
	case ":resno":
		t.column = int16(number(15))
	case ":resorigtbl":
		t.relation = uint32(number(32))
	case ":resorigcol":
		t.source = int16(number(15))
	}
}

// scanner cuts a node tree into words and brackets.
type scanner struct {
	rest  []byte
	depth int // of open brackets after the word that next returned
}

func (s *scanner) next() (word []byte, ok bool) {
	s.rest = bytes.TrimLeft(s.rest, " \n\t")
	if len(s.rest) == 0 {
		return nil, false
	}
	end := 1
	switch s.rest[0] {
	case '(', '{':
		s.depth++
	case ')', '}':
		s.depth--
	default:
		end = wordEnd(s.rest)
	}
	word, s.rest = s.rest[:end], s.rest[end:]
	return word, true
}

// wordEnd finds the first separator that is not escaped.
func wordEnd(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ' ', '\n', '\t', '(', ')', '{', '}':
			return i
		}
	}
	return len(text)
}
