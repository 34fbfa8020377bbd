package queryparams

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Each function here reads the text of one parameter with the scanner; when
// that refuses it, the rules say why.

// ParseSelect reads the value of "select".
func ParseSelect(text string) ([]SelectItem, error) {
	s := scanner{text: text}
	items, ok := s.forest()
	if !ok {
		return nil, refusal("select parameter", text, text, forestRule)
	}
	return items, nil
}

// ParseOrder reads the value of "order".
func ParseOrder(text string) ([]OrderTerm, error) {
	s := scanner{text: text}
	terms, ok := s.orderTerms()
	if !ok {
		return nil, refusal("order", text, text, orderRule)
	}
	return terms, nil
}

// parseFilterValue reads a filter's value. With
// argumentAllowed a value that does not begin as a filter is an argument; one that
// begins as a filter and goes on wrongly ("in.5") is refused all the same.
func parseFilterValue(text string, argumentAllowed bool) (not bool, op Operation, isFilter bool, err error) {
	s := scanner{text: text}
	not, op, ok := s.operation(wholeValue)
	switch {
	case ok:
		return not, op, true, nil
	case argumentAllowed && s.i == 0:
		return false, Operation{}, false, nil
	default:
		return false, Operation{}, false, refusal("filter", text, text, filterRule)
	}
}

// parseLogic reads the value of "and", "or" and their negations. op stands in
// the key; positions in messages count from it.
func parseLogic(op, text string) (LogicTree, error) {
	whole := op + text
	s := scanner{text: whole}
	tree, ok := s.logicTree()
	if !ok {
		return LogicTree{}, refusal("logic tree", text, whole, logicRule)
	}
	return tree, nil
}

// parseNames reads a comma-separated list of names.
func parseNames(what, text string) ([]string, error) {
	s := scanner{text: text}
	names, ok := s.names()
	if !ok {
		return nil, refusal(what, text, text, namesRule)
	}
	return names, nil
}

// names takes names separated by commas.
func (s *scanner) names() ([]string, bool) {
	var names []string
	for {
		name, ok := s.fieldName()
		if !ok {
			return nil, false
		}
		names = append(names, name)
		if more, ok := s.comma(); !more {
			return names, ok
		}
	}
}

// parseTreePath reads a filter's key: embeds, and the field of the last one.
func parseTreePath(key string) (path []string, field Field, err error) {
	s := scanner{text: key}
	names, ok := s.path()
	if ok {
		field.Path, ok = s.jsonPath()
	}
	if !ok {
		return nil, field, refusal("tree path", key, key, treePathRule)
	}
	last := len(names) - 1
	field.Name = names[last]
	if last > 0 {
		path = names[:last:last]
	}
	return path, field, nil
}

// parseLogicPath reads the key of a logic tree: embeds, then "and" or "or"; a
// "not" anywhere among them negates the tree.
func parseLogicPath(key string) (path []string, op string, err error) {
	s := scanner{text: key}
	names, ok := s.path()
	if !ok {
		return nil, "", refusal("logic path", key, key, logicPathRule)
	}
	op = names[len(names)-1]
	negated := op == "not"
	for _, name := range names[:len(names)-1] {
		if name == "not" {
			negated = true
		} else {
			path = append(path, name)
		}
	}
	if negated {
		op = "not." + op
	}
	return path, op, nil
}

// path takes names separated by dots.
func (s *scanner) path() ([]string, bool) {
	names := make([]string, 0, 1+strings.Count(s.text, "."))
	for {
		name, ok := s.fieldName()
		if !ok {
			return nil, false
		}
		names = append(names, name)
		if !s.char('.') {
			return names, true
		}
	}
}

// refusal returns PGRST100 for a parameter: shown is its text as the message
// shows it, text the part that was parsed.
func refusal(what, shown, text string, r rule) error {
	at, details := explain(text, r)
	return apierr.QueryParam(`"failed to parse `+what+" ("+shown+`)" `+position(text, at), details)
}

// maxExplained is the size in bytes up to which an error is explained: the rules
// take some microseconds for each character.
const maxExplained = 1 << 14

// explain runs r over text and returns where and why it fails.
func explain(text string, r rule) (at int, details string) {
	if len(text) > maxExplained {
		return 0, "unexpected text somewhere in a parameter of more than 16384 bytes"
	}
	out := r(&input{text: text})
	return out.err.at, out.err.describe()
}
