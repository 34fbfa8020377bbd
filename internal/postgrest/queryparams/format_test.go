package queryparams

import "strings"

// The String methods write a value as a query parameter would hold it, before
// it is escaped for a URL; the parsers read it back to an equal value. Names
// are quoted where they may need it. Requests are only read: writing proves the
// reading, and no request needs it.

// ParseFilter reads a filter's value: "eq.5", "not.in.(1,2)".
func ParseFilter(text string) (not bool, op Operation, err error) {
	not, op, _, err = parseFilterValue(text, false)
	return not, op, err
}

// ParseLogic reads a logic tree with its operator: "or(id.eq.1,id.eq.2)".
func ParseLogic(text string) (LogicTree, error) { return parseLogic("", text) }

// FormatSelect writes the value of "select".
func FormatSelect(items []SelectItem) string {
	return join(items, SelectItem.String)
}

// FormatOrder writes the value of "order".
func FormatOrder(terms []OrderTerm) string {
	return join(terms, OrderTerm.String)
}

// FormatFilter writes a filter's value.
func FormatFilter(not bool, op Operation) string { return negation(not) + op.String() }

func join[T any](items []T, text func(T) string) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = text(item)
	}
	return strings.Join(parts, ",")
}

// String writes one item of "select".
func (i SelectItem) String() string {
	alias := ""
	if i.Alias != "" {
		alias = quoteName(i.Alias) + ":"
	}
	switch i.Kind {
	case SelectRelation:
		return alias + i.embedString()
	case SelectSpread:
		return "..." + i.embedString()
	default:
		return alias + i.columnString()
	}
}

func (i SelectItem) columnString() string {
	if i.Field.Name == "*" && i.Field.Path == nil && i.Cast == "" && i.AggregateCast == "" {
		switch {
		case i.Aggregate == Count:
			return "count()"
		case i.Aggregate == AggregateNone && i.Alias == "":
			return "*"
		}
	}
	return i.Field.String() + i.castString()
}

func (i SelectItem) embedString() string {
	s := quoteName(i.Relation)
	if i.Hint != "" {
		s += "!" + quoted(i.Hint)
	}
	switch i.Join {
	case JoinLeft:
		s += "!left"
	case JoinInner:
		s += "!inner"
	case JoinDefault:
	}
	return s + "(" + FormatSelect(i.Children) + ")"
}

func (i SelectItem) castString() string {
	s := ""
	if i.Cast != "" || i.Aggregate == AggregateNone && i.AggregateCast != "" {
		s = ":: " + i.Cast // the space keeps an empty cast readable
	}
	if i.Aggregate != AggregateNone {
		s += "." + i.Aggregate.String() + "()"
	}
	if i.AggregateCast != "" {
		s += "::" + i.AggregateCast
	}
	return s
}

// String writes a name with its JSON path.
func (f Field) String() string {
	s := quoteName(f.Name)
	for _, step := range f.Path {
		s += "->"
		if step.AsText {
			s += ">"
		}
		if step.Index {
			s += strings.TrimPrefix(step.Operand, "+")
		} else {
			s += quoted(step.Operand)
		}
	}
	return s
}

// String writes one item of "order".
func (t OrderTerm) String() string {
	s := t.Field.String()
	if t.Relation != "" {
		s = quoteName(t.Relation) + "(" + s + ")"
	}
	switch t.Direction {
	case Asc:
		s += ".asc"
	case Desc:
		s += ".desc"
	case DirectionDefault:
	}
	switch t.Nulls {
	case NullsFirst:
		s += ".nullsfirst"
	case NullsLast:
		s += ".nullslast"
	case NullsDefault:
	}
	return s
}

// String writes operator and operand as a whole filter value.
func (o Operation) String() string {
	return o.head() + o.operand(func(value string) string { return value })
}

// logicString writes operator and operand for the inside of a logic tree.
func (o Operation) logicString() string { return o.head() + o.operand(quoted) }

func (o Operation) head() string {
	s := o.Op.String()
	switch o.Quantifier {
	case Any:
		s += "(any)"
	case All:
		s += "(all)"
	case QuantifierNone:
	}
	if o.Language != "" {
		s += "(" + o.Language + ")"
	}
	return s + "."
}

func (o Operation) operand(value func(string) string) string {
	switch o.Op {
	case In:
		return "(" + join(o.Values, quoted) + ")"
	case IsOp:
		return o.Is.String()
	default:
		return value(o.Value)
	}
}

// String writes a filter as the leaf of a logic tree.
func (f Filter) String() string {
	return f.Field.String() + "." + negation(f.Not) + f.Operation.logicString()
}

// String writes a logic tree with its operator.
func (t LogicTree) String() string {
	if t.Filter != nil {
		return t.Filter.String()
	}
	return negation(t.Not) + t.Op.String() + "(" + join(t.Children, LogicTree.String) + ")"
}

// String returns the operator's word in the URL.
func (o LogicOperator) String() string {
	if o == Or {
		return "or"
	}
	return "and"
}

func negation(not bool) string {
	if not {
		return "not."
	}
	return ""
}

// quoteName writes a name bare when it is plain, else quoted.
func quoteName(name string) string {
	if name == "" {
		return `""`
	}
	for i := range len(name) {
		if c := name[i]; !isUnreserved(c) || c == '-' || c == '.' || c == '~' {
			return quoted(name)
		}
	}
	return name
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
