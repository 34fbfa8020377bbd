package queryparams

import (
	"cmp"
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

// parseError is the text met and the texts expected at one position. Its lists are
// shared, and never changed.
type parseError struct {
	at       int
	met      met
	refused  []string // the text a negative test met; shown instead of met
	expected []string
}

// met is the character that the first token test at a position met: none, the end
// of the text, or one more than the character.
type met rune

const (
	metNothing met = 0
	metEnd     met = -1
)

func (e parseError) isEmpty() bool {
	return e.met == metNothing && len(e.refused)+len(e.expected) == 0
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
		at: a.at, met: cmp.Or(a.met, b.met), refused: joined(a.refused, b.refused), expected: joined(a.expected, b.expected),
	}
}

// joined is a and those of b that a does not have.
func joined(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	for _, word := range b {
		if !slices.Contains(a, word) {
			a = append(slices.Clip(a), word)
		}
	}
	return a
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
	expected := []string{name}
	return func(in *input) reply {
		out := r(in)
		if !out.consumed && (!out.ok || !out.err.isEmpty()) {
			out.err.expected = expected
		}
		return out
	}
}

// token takes one character for which test holds.
func token(test func(rune) bool) rule {
	return func(in *input) reply {
		if in.i == len(in.text) {
			return reply{err: parseError{at: in.i, met: metEnd}}
		}
		r, size := utf8.DecodeRuneInString(in.text[in.i:])
		if !test(r) {
			return reply{err: parseError{at: in.i, met: met(r) + 1}}
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
	expected := []string{`"` + word + `"`}
	return func(in *input) reply {
		start := in.i
		for _, want := range word {
			got, size := utf8.DecodeRuneInString(in.text[in.i:])
			if size > 0 && got == want {
				in.i += size
				continue
			}
			saw := metEnd
			if size > 0 {
				saw = met(got) + 1
			}
			return reply{consumed: in.i > start, err: parseError{at: start, met: saw, expected: expected}}
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
			r, _ := utf8.DecodeRuneInString(in.text[start:])
			return reply{err: parseError{at: in.i, refused: []string{apierr.ShowRune(r)}}}
		}
		in.i = start
		return reply{ok: true, err: out.err}
	}
}

// end succeeds at the end of the text.
func end(in *input) reply {
	err := parseError{at: in.i, expected: []string{"end of input"}}
	if in.i == len(in.text) {
		err.met = metEnd
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
	case e.met == metEnd:
		parts = append(parts, "unexpected end of input")
	case e.met != metNothing:
		parts = append(parts, "unexpected "+apierr.ShowString(string(rune(e.met-1))))
	}
	if len(e.expected) > 0 {
		parts = append(parts, "expecting "+anyOf(e.expected))
	}
	if len(parts) == 0 {
		return "unknown parse error"
	}
	return strings.Join(parts, " ")
}

// anyOf writes a, b or c.
func anyOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
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
