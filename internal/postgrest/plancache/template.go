package plancache

import (
	"bytes"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// template is a script without the values of its request, to be filled in with
// those of others that differ from it in nothing else.
type template struct {
	script *query.Script
	slots  []slot
}

// slot is an argument of a main statement and the value that it takes.
type slot struct {
	statement, arg, value int
}

// newTemplate makes a template of a script and of that of its probe, which has
// the marks where the first has values. ok is false when they differ in more
// than arguments that are those values, as they are, or when the value of a
// filter has no effect. A body without keys that are asked for has none.
func newTemplate(script, probed *query.Script, values []string, p probe) (_ *template, ok bool) {
	if len(script.Main) != len(probed.Main) || script.Settings.SQL != probed.Settings.SQL || script.Streams != probed.Streams {
		return nil, false
	}
	t := &template{script: script.Addressed(query.Caller{}, nil, nil)} // the caller is not kept
	used := make([]bool, len(values))
	for i := range script.Main {
		a, b := &script.Main[i], &probed.Main[i]
		if a.SQL != b.SQL || len(a.Args) != len(b.Args) {
			return nil, false
		}
		for j := range a.Args {
			if bytes.Equal(a.Args[j].Value, b.Args[j].Value) {
				continue
			}
			value := slices.Index(p.marks, string(b.Args[j].Value))
			if value < 0 || a.Args[j].Binary || string(a.Args[j].Value) != values[value] {
				return nil, false
			}
			used[value] = true
			t.slots = append(t.slots, slot{i, j, value})
		}
	}
	return t, !slices.Contains(used[:p.filters], false)
}

// fill puts values into a script that is the caller's own.
func (t *template) fill(s *query.Script, values []string) {
	if len(t.slots) == 0 {
		return
	}
	own := new(struct { // one piece of memory, for as much as most have
		main [2]query.Statement
		args [8]query.Arg
	})
	s.Main = append(own.main[:0], s.Main...)
	free, last := own.args[:0], -1
	for _, slot := range t.slots {
		m := &s.Main[slot.statement]
		if slot.statement != last {
			before := len(free)
			free = append(free, m.Args...)
			m.Args, last = free[before:len(free):len(free)], slot.statement
		}
		m.Args[slot.arg].Value = []byte(values[slot.value])
	}
}
