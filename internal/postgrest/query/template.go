package query

import (
	"bytes"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// Template is a script without the values of its request, to be filled in with
// those of others that differ from it in nothing else.
type Template struct {
	script Script
	slots  []slot
}

// slot is an argument of a main statement and the value that it takes.
type slot struct {
	statement, arg, value int
}

// NewTemplate makes a template of a script, and of that of a request which has
// marks where the first has values: those of filters, and behind them the body
// if there is one. ok is false when they differ in more than arguments that are
// those values, as they are, or when the value of a filter has no effect. A
// body without keys that are asked for has none.
func NewTemplate(script, marked *Script, values, marks []string, filters int) (_ *Template, ok bool) {
	if len(script.Main) != len(marked.Main) || script.Settings.SQL != marked.Settings.SQL || script.Streams != marked.Streams {
		return nil, false
	}
	t := &Template{script: *script}
	t.script.Settings.Args = slices.Clone(script.Settings.Args)
	for _, i := range []int{script.told.claims, script.told.headers, script.told.cookies} {
		t.script.Settings.Args[i].Value = nil // another's
	}
	used := make([]bool, len(values))
	for i := range script.Main {
		a, b := &script.Main[i], &marked.Main[i]
		if a.SQL != b.SQL || len(a.Args) != len(b.Args) {
			return nil, false
		}
		for j := range a.Args {
			if bytes.Equal(a.Args[j].Value, b.Args[j].Value) {
				continue
			}
			value := slices.Index(marks, string(b.Args[j].Value))
			if value < 0 || a.Args[j].Binary || string(a.Args[j].Value) != values[value] {
				return nil, false
			}
			used[value] = true
			t.slots = append(t.slots, slot{i, j, value})
		}
	}
	return t, !slices.Contains(used[:filters], false)
}

// Script fills the template in for a request of the same role. values are as
// many as NewTemplate had.
func (t *Template) Script(claims []byte, headers, cookies []apirequest.Field, values []string) *Script {
	s := t.script
	s.Settings.Args = slices.Clone(s.Settings.Args)
	s.Settings.Args[s.told.claims].Value = append([]byte{}, claims...) // not nil, which is NULL
	s.Settings.Args[s.told.headers].Value = jsonObject(headers)
	s.Settings.Args[s.told.cookies].Value = jsonObject(cookies)
	if len(t.slots) == 0 {
		return &s
	}
	s.Main = slices.Clone(s.Main)
	last := -1
	for _, slot := range t.slots {
		m := &s.Main[slot.statement]
		if slot.statement != last {
			m.Args, last = slices.Clone(m.Args), slot.statement
		}
		m.Args[slot.arg].Value = []byte(values[slot.value])
	}
	return &s
}
