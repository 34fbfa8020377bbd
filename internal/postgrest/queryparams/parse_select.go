package queryparams

// forest takes select items separated by commas, up to a text that cannot begin one.
// It may take none: "rel()" embeds nothing.
func (s *scanner) forest() ([]SelectItem, bool) {
	if s.depth++; s.depth > maxDepth {
		return nil, false
	}
	defer func() { s.depth-- }()

	start := s.i
	item, ok := s.selectItem()
	if !ok {
		return nil, s.i == start
	}
	items := []SelectItem{item}
	for {
		more, ok := s.comma()
		if !more {
			return items, ok
		}
		if item, ok = s.selectItem(); !ok {
			return nil, false
		}
		items = append(items, item)
	}
}

// selectItem takes a spread, else a relation, else a column.
func (s *scanner) selectItem() (SelectItem, bool) {
	start := s.i
	if item, ok := s.spreadHead(); ok {
		return s.embed(item)
	}
	s.i = start
	s.blanks()
	if s.star() {
		return SelectItem{Field: Field{Name: "*"}}, true
	}
	alias := s.alias()
	head := s.i
	if item, ok := s.relationHead(alias); ok {
		return s.embed(item)
	}
	s.i = head
	if item, ok := s.countRows(alias); ok {
		return item, true
	}
	s.i = head
	return s.column(alias)
}

// spreadHead takes "...relation!hint!join" in front of "(".
func (s *scanner) spreadHead() (SelectItem, bool) {
	s.blanks()
	if !s.word("...") {
		return SelectItem{}, false
	}
	return s.embedHead(SelectItem{Kind: SelectSpread})
}

// relationHead takes "relation!hint!join" in front of "(". A relation named
// count cannot be embedded, because that is the function.
func (s *scanner) relationHead(alias string) (SelectItem, bool) {
	item, ok := s.embedHead(SelectItem{Kind: SelectRelation, Alias: alias})
	return item, ok && item.Relation != "count"
}

func (s *scanner) embedHead(item SelectItem) (SelectItem, bool) {
	var ok bool
	if item.Relation, ok = s.fieldName(); !ok {
		return item, false
	}
	for range 2 {
		if s.next('!') && !s.embedParam(&item) {
			return item, false
		}
	}
	return item, s.next('(')
}

// embedParam takes one of !left, !inner and !hint. Of two hints or two joins
// the first counts. A hint must not begin with "left" or "inner".
func (s *scanner) embedParam(item *SelectItem) bool {
	s.i++ // the "!"
	var join JoinType
	switch {
	case s.word("left"):
		join = JoinLeft
	case s.word("inner"):
		join = JoinInner
	default:
		hint, ok := s.fieldName()
		if item.Hint == "" {
			item.Hint = hint
		}
		return ok
	}
	if item.Join == JoinDefault {
		item.Join = join
	}
	return true
}

// embed takes the parenthesised forest behind a head.
func (s *scanner) embed(item SelectItem) (SelectItem, bool) {
	s.i++ // the "(", which the head has seen
	var ok bool
	if item.Children, ok = s.forest(); !ok {
		return item, false
	}
	return item, s.char(')')
}

// star takes "*" where it is the whole item.
func (s *scanner) star() bool {
	start := s.i
	if s.char('*') && s.itemEnds() {
		return true
	}
	s.i = start
	return false
}

// alias takes "alias:", or nothing. "name::" is a cast, not an alias.
func (s *scanner) alias() string {
	start := s.i
	if name, ok := s.fieldName(); ok && s.char(':') && !s.next(':') {
		return name
	}
	s.i = start
	return ""
}

// countRows takes "count()" with an optional cast.
func (s *scanner) countRows(alias string) (SelectItem, bool) {
	item := SelectItem{Alias: alias, Field: Field{Name: "*"}, Aggregate: Count}
	if !s.word("count()") {
		return item, false
	}
	var ok bool
	item.AggregateCast, ok = s.cast()
	return item, ok && s.itemEnds()
}

// column takes "name->path::cast.aggregate()::cast".
func (s *scanner) column(alias string) (SelectItem, bool) {
	item := SelectItem{Alias: alias}
	var ok bool
	if item.Field, ok = s.field(); !ok {
		return item, false
	}
	if item.Cast, ok = s.cast(); !ok {
		return item, false
	}
	item.Aggregate = s.aggregate()
	if item.AggregateCast, ok = s.cast(); !ok {
		return item, false
	}
	return item, s.itemEnds()
}

// cast takes "::type", or nothing.
func (s *scanner) cast() (string, bool) {
	if !s.next(':') {
		return "", true
	}
	if !s.word("::") {
		return "", false
	}
	return s.identifier()
}

// aggregate takes ".sum()" and the like, or nothing.
func (s *scanner) aggregate() Aggregate {
	if !s.next('.') {
		return AggregateNone
	}
	for a := Sum; a <= Count; a++ {
		if s.word("." + a.String() + "()") {
			return a
		}
	}
	return AggregateNone
}

func (s *scanner) itemEnds() bool { return s.atEnd() || s.next(',') || s.next(')') }
