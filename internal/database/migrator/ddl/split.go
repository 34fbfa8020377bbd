package ddl

import "strings"

// Statement is one statement of a script.
type Statement struct {
	Text       string // without the semicolon and the comments before it
	Line       int    // of its first word in the script, from 1
	Start, End int    // bytes in the script
}

// Split cuts a script at the semicolons that end statements: those outside of
// strings, comments, parentheses and the bodies of functions from BEGIN ATOMIC
// to END.
func Split(script string) []Statement {
	var list []Statement
	s := scanner{src: script}
	var n nesting
	start, last := -1, 0
	cut := func() {
		if start >= 0 {
			list = append(list, Statement{
				Text: script[start:last], Start: start, End: last,
				Line: 1 + strings.Count(script[:start], "\n"),
			})
		}
		start, n = -1, nesting{}
	}
	for t := s.next(); t.kind != end; t = s.next() {
		if t.is(mark, ";") && n.outside() {
			cut()
			continue
		}
		n.pass(t)
		if start < 0 {
			start = t.start
		}
		last = t.end
	}
	cut()
	return list
}

// nesting is where in a statement the scanner is: how deep in parentheses, and
// how deep in a body that begins with BEGIN ATOMIC, where each CASE has an END of
// its own.
type nesting struct {
	parens, blocks int
	first          []string // the first words, enough to recognise the kind of statement
	before         token
}

func (n *nesting) outside() bool { return n.parens <= 0 && n.blocks == 0 }

func (n *nesting) pass(t token) {
	const enough = 4 // create or replace function
	if len(n.first) < enough {
		n.first = append(n.first, t.text)
	}
	name := n.before.is(word, "as") || n.before.is(mark, ".") // "AS end" and "t.end" are names
	switch {
	case t.is(mark, "("):
		n.parens++
	case t.is(mark, ")"):
		n.parens--
	case name:
	case t.is(word, "atomic") && n.before.is(word, "begin") && n.outside() && n.makesFunction():
		n.blocks = 1
	case t.is(word, "case") && n.blocks > 0:
		n.blocks++
	case t.is(word, "end") && n.blocks > 0:
		n.blocks--
	}
	n.before = t
}

func (n *nesting) makesFunction() bool {
	made := strings.TrimPrefix(strings.Join(n.first, " "), "create ")
	made = strings.TrimPrefix(made, "or replace ")
	return n.first[0] == "create" && (strings.HasPrefix(made+" ", "function ") || strings.HasPrefix(made+" ", "procedure "))
}

// Summary is the statement on one line, no longer than width runes.
func (s Statement) Summary(width int) string {
	line := []rune(strings.Join(strings.Fields(s.Text), " "))
	if len(line) > width {
		return string(line[:width-3]) + "..."
	}
	return string(line)
}
