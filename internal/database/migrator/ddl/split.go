package ddl

import "strings"

// Statement is one statement of a script.
type Statement struct {
	Text       string // without the semicolon and the comments before it
	Line       int    // of its first word in the script, from 1
	Start, End int    // bytes in the script
}

// Split cuts a script at the semicolons that end statements: those outside of
// strings, comments and parentheses.
func Split(script string) []Statement {
	var list []Statement
	s := scanner{src: script}
	start, last, depth := -1, 0, 0
	cut := func() {
		if start >= 0 {
			list = append(list, Statement{
				Text: script[start:last], Start: start, End: last,
				Line: 1 + strings.Count(script[:start], "\n"),
			})
		}
		start = -1
	}
	for t := s.next(); t.kind != end; t = s.next() {
		switch {
		case t.kind == mark && t.text == "(":
			depth++
		case t.kind == mark && t.text == ")":
			depth--
		case t.kind == mark && t.text == ";" && depth <= 0:
			cut()
			depth = 0
			continue
		}
		if start < 0 {
			start = t.start
		}
		last = t.end
	}
	cut()
	return list
}

// Summary is the statement on one line, no longer than width runes.
func (s Statement) Summary(width int) string {
	line := []rune(strings.Join(strings.Fields(s.Text), " "))
	if len(line) > width {
		return string(line[:width-3]) + "..."
	}
	return string(line)
}
