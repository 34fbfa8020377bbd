package queryparams

// orderTerms takes terms separated by commas, at least one.
func (s *scanner) orderTerms() ([]OrderTerm, bool) {
	var terms []OrderTerm
	for {
		s.blanks()
		term, ok := s.orderTerm()
		if !ok {
			return nil, false
		}
		terms = append(terms, term)
		s.blanks()
		if !s.char(',') {
			return terms, true
		}
	}
}

// orderTerm takes "relation(field).asc.nullsfirst", or the same of a field.
func (s *scanner) orderTerm() (OrderTerm, bool) {
	start := s.i
	if term, ok := s.relationOrder(); ok {
		return term, true
	}
	s.i = start
	field, ok := s.field()
	if !ok {
		return OrderTerm{}, false
	}
	return s.orderMarks(OrderTerm{Field: field})
}

func (s *scanner) relationOrder() (OrderTerm, bool) {
	name, ok := s.fieldName()
	if !ok || !s.char('(') {
		return OrderTerm{}, false
	}
	field, ok := s.field()
	if !ok || !s.char(')') {
		return OrderTerm{}, false
	}
	return s.orderMarks(OrderTerm{Relation: name, Field: field})
}

// orderMarks takes the direction and the place of nulls; nothing else may
// follow in the term, not even a blank.
func (s *scanner) orderMarks(term OrderTerm) (OrderTerm, bool) {
	switch {
	case s.word(".asc"):
		term.Direction = Asc
	case s.word(".desc"):
		term.Direction = Desc
	}
	switch {
	case s.word(".nullsfirst"):
		term.Nulls = NullsFirst
	case s.word(".nullslast"):
		term.Nulls = NullsLast
	}
	return term, s.atEnd() || s.next(',')
}
