// Package ident names database objects and is the only code that quotes them.
//
// Every name that reaches SQL text passes Quote or Qualified; every value is
// bound instead, save the few places where SQL takes no parameter, which use
// Literal. It never looks a name up and never decides whether one may be used.
package ident

import "strings"

// Qualified is an object's name with the schema that holds it.
//
// An empty Schema leaves the choice to the search path. Values compare with ==.
type Qualified struct {
	Schema, Name string
}

// Parse splits "schema.name" at the first dot; without one there is no schema.
//
// It is for names written by the operator (settings such as db-pre-request),
// which are unquoted there: a schema whose own name has a dot cannot be given.
func Parse(text string) Qualified {
	schema, name, found := strings.Cut(text, ".")
	if !found {
		return Qualified{Name: text}
	}
	return Qualified{Schema: schema, Name: name}
}

// String returns the name quoted for SQL text.
func (q Qualified) String() string {
	return string(q.AppendTo(make([]byte, 0, len(q.Schema)+len(q.Name)+5)))
}

// AppendTo appends the name quoted for SQL text to dst.
func (q Qualified) AppendTo(dst []byte) []byte {
	if q.Schema != "" {
		dst = append(AppendQuoted(dst, q.Schema), '.')
	}
	return AppendQuoted(dst, q.Name)
}

// Quote returns name as a quoted SQL identifier.
//
// The result is one identifier whatever name holds: quotes are doubled and the
// name ends at its first NUL, which no PostgreSQL name can contain.
func Quote(name string) string {
	return string(AppendQuoted(make([]byte, 0, len(name)+2), name))
}

// AppendQuoted appends Quote(name) to dst.
func AppendQuoted(dst []byte, name string) []byte {
	dst = append(dst, '"')
	dst = appendDoubled(dst, untilNUL(name), '"')
	return append(dst, '"')
}

// Literal returns text as an SQL string literal that reads the same whatever
// standard_conforming_strings says. Text ends at its first NUL.
//
// Bind the value instead wherever SQL allows a parameter.
func Literal(text string) string {
	return string(AppendLiteral(make([]byte, 0, len(text)+3), text))
}

// AppendLiteral appends Literal(text) to dst.
func AppendLiteral(dst []byte, text string) []byte {
	text = untilNUL(text)
	if strings.IndexByte(text, '\\') >= 0 {
		text = strings.ReplaceAll(text, `\`, `\\`)
		dst = append(dst, 'E')
	}
	dst = append(dst, '\'')
	dst = appendDoubled(dst, text, '\'')
	return append(dst, '\'')
}

// appendDoubled appends text with each quote byte doubled. A quote is ASCII,
// so it never occurs inside a multi-byte character.
func appendDoubled(dst []byte, text string, quote byte) []byte {
	for {
		i := strings.IndexByte(text, quote)
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i+1]...)
		dst = append(dst, quote)
		text = text[i+1:]
	}
}

func untilNUL(text string) string {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return text[:i]
	}
	return text
}
