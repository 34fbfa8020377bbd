package schemacache

import (
	"slices"
	"strings"
	"sync"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// hintIndexes holds fuzzy sets per schema, each built when the first unknown
// name is asked for.
type hintIndexes struct {
	tables, routines, sources sync.Map // schema -> func() *guesser
}

// NearTable names the relation of schema that a client most likely meant; "" = none.
//
// PostgREST stays silent in schemas of 500 relations and more; this one does not.
func (c *Cache) NearTable(schema, name string) string {
	if len(c.tablesIn[schema]) == 0 {
		return ""
	}
	index := indexOnce(&c.hints.tables, schema, closeScore, func() []string {
		names := make([]string, 0, len(c.tablesIn[schema]))
		for _, t := range c.tablesIn[schema] {
			names = append(names, t.Name.Name)
		}
		return names
	})
	return index.name(name)
}

// NearRoutine names the routine of schema that a client most likely meant; "" = none.
func (c *Cache) NearRoutine(schema, name string) string {
	if len(c.routinesIn[schema]) == 0 {
		return ""
	}
	index := indexOnce(&c.hints.routines, schema, closeScore, func() []string {
		names := make([]string, 0, len(c.routinesIn[schema]))
		for _, r := range c.routinesIn[schema] {
			names = append(names, r.Name.Name)
		}
		return names
	})
	return index.name(name)
}

// NearParams picks the parameter list, as in "(a, b)" in alphabetical order,
// among overloads that is closest to the parameters that a client sent; "" = none.
func NearParams(overloads []*Routine, sent []string) string {
	lists := make([]string, len(overloads))
	for i, r := range overloads {
		names := make([]string, len(r.Params))
		for j, p := range r.Params {
			names[j] = p.Name
		}
		lists[i] = paramList(names)
	}
	return newFuzzySet(lists).best(paramList(sent), looseScore)
}

func paramList(names []string) string {
	return "(" + strings.Join(slices.Sorted(slices.Values(names)), ", ") + ")"
}

// NearRelationship gives the relationship that a client most likely meant when parent and child
// have no relationship: near instead of wrong, which is parent or child.
// Both are "" when there is nothing to suggest.
func (c *Cache) NearRelationship(schema, parent, child string) (near, wrong string) {
	list := c.Relationships(ident.Qualified{Schema: schema, Name: parent}, schema)
	if list == nil {
		if near = c.nearSource(schema, parent); near == "" {
			return "", ""
		}
		return near, parent
	}
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = r.Foreign.Name
	}
	for _, m := range newFuzzySet(names).find(child, looseScore) {
		if m.score < 1 { // an equal one exists: it is the client's hint that is wrong
			return m.name, child
		}
	}
	return "", ""
}

// nearSource names the relation with relationships to schema that is most like name; "" = none.
func (c *Cache) nearSource(schema, name string) string {
	if !slices.Contains(c.schemas, schema) {
		return ""
	}
	index := indexOnce(&c.hints.sources, schema, looseScore, func() []string { return c.graph.sources(schema) })
	return index.name(name)
}

// indexOnce returns the guesser of a schema, building it when it is the first to ask.
func indexOnce(sets *sync.Map, schema string, minScore float64, names func() []string) *guesser {
	once, _ := sets.LoadOrStore(schema, sync.OnceValue(func() *guesser { return newGuesser(names(), minScore) }))
	return once.(func() *guesser)()
}
