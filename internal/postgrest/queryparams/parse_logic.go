package queryparams

// logicTree takes a filter, "and(...)", "or(...)" or one of these negated.
func (s *scanner) logicTree() (LogicTree, bool) {
	start := s.i
	if f, ok := s.logicFilter(); ok {
		return LogicTree{Filter: &f}, true
	}
	s.i = start
	tree := LogicTree{Not: s.word("not.")}
	switch {
	case s.word("and"):
		tree.Op = And
	case s.word("or"):
		tree.Op = Or
	default:
		return tree, false
	}
	var ok bool
	tree.Children, ok = s.logicChildren()
	return tree, ok
}

// logicFilter takes "field.op.value".
func (s *scanner) logicFilter() (Filter, bool) {
	field, ok := s.field()
	if !ok || !s.char('.') {
		return Filter{}, false
	}
	not, op, ok := s.operation(logicValue)
	return Filter{Field: field, Not: not, Operation: op}, ok
}

// logicChildren takes "(tree,tree)" with blanks around its marks.
func (s *scanner) logicChildren() ([]LogicTree, bool) {
	if s.depth++; s.depth > maxDepth {
		return nil, false
	}
	defer func() { s.depth-- }()

	s.blanks()
	if !s.char('(') {
		return nil, false
	}
	s.blanks()
	var trees []LogicTree
	for {
		tree, ok := s.logicTree()
		if !ok {
			return nil, false
		}
		trees = append(trees, tree)
		more, ok := s.comma()
		if !ok {
			return nil, false
		}
		if !more {
			break
		}
	}
	closed := s.char(')')
	s.blanks()
	return trees, closed
}
