package queryparams

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// A client reads in "details" the unexpected text and the expected one. Those
// words come from the mechanism of PostgREST's parser library, so they are
// found by the same mechanism: a grammar of rules (explain_grammar.go) that
// carry expectations along and keep those of the furthest position. It runs
// only when the scanner has refused a text and yields no values.

// input is the text that rules consume.
type input struct {
	text  string
	i     int
	depth int // of nested embeds or logic trees
}

// rule recognises something at in.i. On failure in.i is of no meaning.
type rule func(in *input) reply

// reply is a rule's result. An error is carried on success too: it lists the texts that
// could have continued the text, and counts if the next rule fails there.
type reply struct {
	ok, consumed bool
	err          parseError
}

// parseError is the text met and the texts expected at one position.
type parseError struct {
	at         int
	unexpected []string // the text a token test met: "" is the end of the text
	refused    []string // the text a negative test met; shown instead of unexpected
	expected   []string
}

func (e parseError) isEmpty() bool {
	return len(e.unexpected)+len(e.refused)+len(e.expected) == 0
}

// merge keeps the error that got further, and both when they got equally far.
func merge(a, b parseError) parseError {
	switch {
	case b.isEmpty() && !a.isEmpty():
		return a
	case a.isEmpty() && !b.isEmpty():
		return b
	case a.at > b.at:
		return a
	case a.at < b.at:
		return b
	}
	return parseError{
		at:         a.at,
		unexpected: slices.Concat(a.unexpected, b.unexpected),
		refused:    slices.Concat(a.refused, b.refused),
		expected:   slices.Concat(a.expected, b.expected),
	}
}

// pure succeeds without consuming.
func pure(in *input) reply { return reply{ok: true, err: parseError{at: in.i}} }

// seq runs rules one after another.
func seq(rules ...rule) rule {
	return func(in *input) reply {
		out := pure(in)
		for _, r := range rules {
			next := r(in)
			if !next.consumed {
				next.err = merge(out.err, next.err)
			}
			next.consumed = next.consumed || out.consumed
			if out = next; !out.ok {
				break
			}
		}
		return out
	}
}

// alt runs the first rule that succeeds or fails after consuming.
func alt(rules ...rule) rule {
	return func(in *input) reply {
		start := in.i
		out := reply{err: parseError{at: start}}
		for _, r := range rules {
			in.i = start
			next := r(in)
			if next.consumed {
				return next
			}
			next.err = merge(out.err, next.err)
			if out = next; out.ok {
				break
			}
		}
		return out
	}
}

// many runs r until it fails without consuming.
func many(r rule) rule {
	return func(in *input) reply {
		consumed := false
		for {
			start := in.i
			next := r(in)
			switch {
			case next.ok:
				consumed = true
			case next.consumed:
				return next
			default:
				in.i = start
				return reply{ok: true, consumed: consumed, err: next.err}
			}
		}
	}
}

// many1 runs r at least once.
func many1(r rule) rule { return seq(r, many(r)) }

// opt runs r, or nothing if r fails without consuming.
func opt(r rule) rule { return alt(r, pure) }

// try makes a failure of r one that has not consumed.
func try(r rule) rule {
	return func(in *input) reply {
		out := r(in)
		out.consumed = out.consumed && out.ok
		return out
	}
}

// ahead runs r without consuming when it succeeds.
func ahead(r rule) rule {
	return func(in *input) reply {
		start := in.i
		out := r(in)
		if !out.ok {
			return out
		}
		in.i = start
		return pure(in)
	}
}

// sepBy1 runs r one or more times with sep between.
func sepBy1(r, sep rule) rule { return seq(r, many(seq(sep, r))) }

// sepBy runs r any number of times with sep between.
func sepBy(r, sep rule) rule { return alt(sepBy1(r, sep), pure) }

// nested runs r one level deeper, and fails beyond the depth that the scanner
// goes to.
func nested(r rule) rule {
	return func(in *input) reply {
		if in.depth++; in.depth > maxDepth {
			in.depth--
			return reply{err: parseError{at: in.i, refused: []string{"nesting deeper than 200 levels"}}}
		}
		out := r(in)
		in.depth--
		return out
	}
}

// named replaces the expectation of r at its start by name.
func named(name string, r rule) rule {
	return func(in *input) reply {
		out := r(in)
		if !out.consumed && (!out.ok || !out.err.isEmpty()) {
			out.err.expected = []string{name}
		}
		return out
	}
}

// token takes one character for which test holds.
func token(test func(rune) bool) rule {
	return func(in *input) reply {
		if in.i == len(in.text) {
			return reply{err: parseError{at: in.i, unexpected: []string{""}}}
		}
		r, size := utf8.DecodeRuneInString(in.text[in.i:])
		if !test(r) {
			return reply{err: parseError{at: in.i, unexpected: []string{apierr.ShowString(string(r))}}}
		}
		in.i += size
		return reply{ok: true, consumed: true, err: parseError{at: in.i}}
	}
}

// lit takes the character c.
func lit(c rune) rule {
	return named(apierr.ShowString(string(c)), token(func(r rune) bool { return r == c }))
}

// text takes word. A failure is reported at the start of the word, with the
// character that differs; it has consumed if the first character was right.
func text(word string) rule {
	return func(in *input) reply {
		start := in.i
		for _, want := range word {
			got, size := utf8.DecodeRuneInString(in.text[in.i:])
			if size > 0 && got == want {
				in.i += size
				continue
			}
			met := ""
			if size > 0 {
				met = apierr.ShowString(string(got))
			}
			err := parseError{at: start, unexpected: []string{met}, expected: []string{`"` + word + `"`}}
			return reply{consumed: in.i > start, err: err}
		}
		return reply{ok: true, consumed: true, err: parseError{at: in.i}}
	}
}

// notAhead fails if r, which takes one character, succeeds; the failure is
// reported behind that character.
func notAhead(r rule) rule {
	return func(in *input) reply {
		start := in.i
		out := r(in)
		if out.ok {
			met, _ := utf8.DecodeRuneInString(in.text[start:])
			return reply{err: parseError{at: in.i, refused: []string{apierr.ShowRune(met)}}}
		}
		in.i = start
		return reply{ok: true, err: out.err}
	}
}

// end succeeds at the end of the text.
func end(in *input) reply {
	err := parseError{at: in.i, expected: []string{"end of input"}}
	if in.i == len(in.text) {
		err.unexpected = []string{""}
		return reply{ok: true, err: err}
	}
	r, _ := utf8.DecodeRuneInString(in.text[in.i:])
	err.refused = []string{apierr.ShowRune(r)}
	return reply{err: err}
}

// describe writes the text met and the texts expected.
func (e parseError) describe() string {
	var parts []string
	switch {
	case len(e.refused) > 0:
		parts = append(parts, "unexpected "+anyOf(e.refused))
	case len(e.unexpected) > 0 && e.unexpected[0] != "":
		parts = append(parts, "unexpected "+e.unexpected[0])
	case len(e.unexpected) > 0:
		parts = append(parts, "unexpected end of input")
	}
	if len(e.expected) > 0 {
		parts = append(parts, "expecting "+anyOf(e.expected))
	}
	if len(parts) == 0 {
		return "unknown parse error"
	}
	return strings.Join(parts, " ")
}

// anyOf writes a, b or c, each once.
func anyOf(words []string) string {
	var unique []string
	for _, w := range words {
		if !slices.Contains(unique, w) {
			unique = append(unique, w)
		}
	}
	last := len(unique) - 1
	if last == 0 {
		return unique[0]
	}
	return strings.Join(unique[:last], ", ") + " or " + unique[last]
}

// position writes where byte i of text is; a tab moves to the next column
// that is one more than a multiple of eight.
func position(text string, i int) string {
	line, column := 1, 1
	for _, r := range text[:i] {
		switch r {
		case '\n':
			line, column = line+1, 1
		case '\t':
			column += 8 - (column-1)%8
		default:
			column++
		}
	}
	return "(line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column) + ")"
}
