package queryparams

import (
	"strings"
	"unicode"
)

// The grammar as rules, in the order in which the scanner tries things. Each
// function is a rule, or makes one.

func noneOf(chars string) rule {
	return token(func(r rune) bool { return !strings.ContainsRune(chars, r) })
}

func oneOf(chars string) rule {
	return token(func(r rune) bool { return strings.ContainsRune(chars, r) })
}

func anyChar(in *input) reply { return token(func(rune) bool { return true })(in) }

func digit(in *input) reply {
	return named("digit", token(func(r rune) bool { return '0' <= r && r <= '9' }))(in)
}

func blanks(in *input) reply { return many(oneOf(" \t"))(in) }

func lexeme(r rule) rule { return seq(blanks, r, blanks) }

func delimiter(in *input) reply { return named("delimiter (.)", lit('.'))(in) }

func quotedRule(in *input) reply {
	inside := alt(noneOf(`\"`), seq(lit('\\'), anyChar))
	return seq(lit('"'), many(inside), lit('"'))(in)
}

func identifierRule(in *input) reply {
	letter := named("letter", token(unicode.IsLetter))
	return many1(alt(letter, digit, oneOf("_ $")))(in)
}

func dashedRule(run rule) rule {
	dash := try(seq(lit('-'), notAhead(lit('>'))))
	return sepBy1(run, dash)
}

func fieldNameRule(in *input) reply {
	return named("field name (* or [a..z0..9_$])", alt(quotedRule, dashedRule(identifierRule)))(in)
}

func fieldRule(in *input) reply { return lexeme(seq(fieldNameRule, opt(jsonPathRule)))(in) }

func jsonPathRule(in *input) reply {
	arrow := alt(try(text("->>")), try(text("->")))
	return many(seq(arrow, alt(try(jsonIndexRule), try(jsonKeyRule))))(in)
}

func jsonIndexRule(in *input) reply {
	ended := alt(try(ahead(text("->"))), try(ahead(text("::"))), try(ahead(text("."))), try(ahead(text(","))), try(end))
	return seq(opt(lit('-')), many1(digit), ended)(in)
}

func jsonKeyRule(in *input) reply {
	key := alt(quotedRule, dashedRule(many1(noneOf("(-:.,>)"))))
	return named("any non reserved character different from: .,>()", key)(in)
}

func treePathRule(in *input) reply {
	return seq(sepBy1(fieldNameRule, delimiter), opt(jsonPathRule))(in)
}

func logicPathRule(in *input) reply { return sepBy1(fieldNameRule, delimiter)(in) }

func namesRule(in *input) reply { return sepBy1(fieldNameRule, lexeme(lit(',')))(in) }

func forestRule(in *input) reply {
	children := seq(lit('('), forestRule, lit(')'))
	item := alt(
		seq(try(spreadRule), children),
		seq(try(relationRule), children),
		columnRule,
	)
	return nested(sepBy(item, lexeme(lit(','))))(in)
}

func aliasRule(in *input) reply {
	separator := seq(lit(':'), notAhead(lit(':')))
	return opt(try(seq(fieldNameRule, separator)))(in)
}

func spreadRule(in *input) reply {
	return lexeme(seq(text("..."), fieldNameRule, embedParamsRule, try(ahead(text("(")))))(in)
}

func relationRule(in *input) reply {
	return lexeme(seq(aliasRule, notCount(fieldNameRule), embedParamsRule, try(ahead(text("(")))))(in)
}

// notCount runs the rule of a name and fails, with nothing to say, when the
// name is count.
func notCount(name rule) rule {
	return func(in *input) reply {
		start := in.i
		out := name(in)
		if !out.ok {
			return out
		}
		s := scanner{text: in.text[start:in.i]}
		if got, _ := s.fieldName(); got == "count" {
			out.ok = false
		}
		return out
	}
}

func embedParamsRule(in *input) reply {
	param := seq(lit('!'), alt(try(text("left")), try(text("inner")), try(fieldNameRule)))
	return seq(opt(param), opt(param))(in)
}

func columnRule(in *input) reply {
	ended := alt(try(ahead(text(")"))), try(ahead(text(","))), try(end))
	cast := opt(seq(text("::"), identifierRule))
	function := alt(text("sum"), text("avg"), text("count"), try(text("max")), try(text("min")))
	aggregate := opt(try(seq(lit('.'), function, text("()"))))
	return lexeme(alt(
		try(seq(text("*"), ended)),
		try(seq(aliasRule, text("count()"), cast, ended)),
		seq(aliasRule, fieldRule, cast, aggregate, cast, ended),
	))(in)
}

// operationRule is the rule of a filter's value; value is the operand of the operators
// without a form of their own.
func operationRule(value rule) rule {
	quantifier := opt(try(seq(lit('('), alt(try(text("any")), text("all")), lit(')'))))
	language := opt(try(seq(lit('('), identifierRule, lit(')'))))
	op := named("operator (eq, gt, ...)", alt(
		seq(try(seq(text("in"), delimiter)), listRule),
		seq(try(seq(text("is"), delimiter)), isRule),
		seq(try(seq(text("isdistinct"), delimiter)), value),
		try(seq(firstOf("fts", "plfts", "phfts", "wfts"), language, delimiter, value)),
		try(seq(named("unknown single value operator",
			firstOf("neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj")), delimiter, value)),
		try(seq(named("unknown single value operator",
			firstOf("eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch")), quantifier, delimiter, value)),
	))
	return seq(alt(try(seq(text("not"), delimiter)), pure), op)
}

func firstOf(words ...string) rule {
	rules := make([]rule, len(words))
	for i, w := range words {
		rules[i] = try(text(w))
	}
	return alt(rules...)
}

func isRule(in *input) reply {
	var rules []rule
	for v := IsNull; v <= IsUnknown; v++ {
		rules = append(rules, try(anyCase(v.String())))
	}
	return named("isVal: (null, not_null, true, false, unknown)", alt(rules...))(in)
}

func anyCase(word string) rule {
	var rules []rule
	for _, c := range word {
		rules = append(rules, alt(lit(c), lit(unicode.ToUpper(c))))
	}
	return seq(rules...)
}

func listRule(in *input) reply {
	element := alt(quotedElement, many(noneOf(",)")))
	return seq(lexeme(lit('(')), sepBy1(element, lit(',')), lexeme(lit(')')))(in)
}

func quotedElement(in *input) reply { return try(seq(quotedRule, notAhead(noneOf(",)"))))(in) }

func wholeValueRule(in *input) reply { return many(anyChar)(in) }

func logicValueRule(in *input) reply {
	array := seq(text("{"), many(noneOf("{}")), text("}"))
	return alt(quotedElement, try(array), many(noneOf(",)")))(in)
}

// The rules of an operation are long, and made once. Read only.
var filterOperation, logicOperation = operationRule(wholeValueRule), operationRule(logicValueRule)

func filterRule(in *input) reply { return filterOperation(in) }

func logicRule(in *input) reply {
	leaf := seq(fieldRule, delimiter, logicOperation)
	not := named("negation operator (not)", alt(try(seq(text("not"), delimiter)), pure))
	op := named("logic operator (and, or)", alt(try(text("and")), text("or")))
	children := seq(lexeme(lit('(')), sepBy1(logicRule, lexeme(lit(','))), lexeme(lit(')')))
	return alt(try(leaf), seq(not, op, nested(children)))(in)
}

func orderRule(in *input) reply {
	direction := opt(alt(try(seq(delimiter, text("asc"))), try(seq(delimiter, text("desc")))))
	nulls := alt(try(seq(delimiter, text("nullsfirst"))), try(seq(delimiter, text("nullslast"))))
	ended := alt(try(ahead(lit(','))), try(end))
	marks := seq(direction, alt(seq(opt(nulls), ended), ended))
	related := seq(fieldNameRule, lit('('), fieldRule, lit(')'), marks)
	return sepBy1(lexeme(alt(try(related), seq(fieldRule, marks))), lit(','))(in)
}
