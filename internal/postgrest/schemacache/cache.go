package schemacache

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// Cache is the schema cache. Everything it returns is shared: read only.
type Cache struct {
	serverVersion   int
	schemas         []string
	tables          map[ident.Qualified]*Table
	tablesIn        map[string][]*Table // by name
	routines        map[ident.Qualified][]*Routine
	routinesIn      map[string][]*Routine // by name, overloads in order
	representations map[[2]string]*Representation
	handlers        map[handlerKey]Handler
	roles           map[string]*Role
	graph           graph

	lists sync.Map     // listKey -> []*Relationship, filled on first use
	kept  atomic.Int64 // relationships in lists
	hints hintIndexes
}

// maxKept bounds the relationships that stay in memory, to some 100 MB. If
// hundreds of views show the columns of a hub there may be millions; the rest
// is then derived anew for each request.
const maxKept = 500_000

// New derives the schema cache from facts. It takes ownership of facts.
func New(facts Facts) *Cache {
	c := &Cache{serverVersion: facts.ServerVersion, schemas: facts.Schemas}
	inheritKeys(&facts)
	c.addTables(facts.Tables)
	c.addRoutines(facts.Routines)
	c.representations = make(map[[2]string]*Representation, len(facts.Representations))
	for i := range facts.Representations {
		r := &facts.Representations[i]
		c.representations[[2]string{r.Source, r.Target}] = r
	}
	c.handlers = buildHandlers(facts.Handlers)
	c.roles = make(map[string]*Role, len(facts.Roles))
	for i := range facts.Roles {
		c.roles[facts.Roles[i].Name] = &facts.Roles[i]
	}
	c.graph = buildGraph(&facts, c.tables)
	return c
}

func (c *Cache) addTables(tables []Table) {
	c.tables = make(map[ident.Qualified]*Table, len(tables))
	c.tablesIn = make(map[string][]*Table)
	slices.SortFunc(tables, func(a, b Table) int { return compareNames(a.Name, b.Name) })
	for i := range tables {
		t := &tables[i]
		t.index()
		c.tables[t.Name] = t
		c.tablesIn[t.Name.Schema] = append(c.tablesIn[t.Name.Schema], t)
	}
}

func (c *Cache) addRoutines(routines []Routine) {
	c.routines = make(map[ident.Qualified][]*Routine, len(routines))
	c.routinesIn = make(map[string][]*Routine)
	slices.SortFunc(routines, compareRoutines)
	for i := range routines {
		r := &routines[i]
		c.routines[r.Name] = append(c.routines[r.Name], r)
		c.routinesIn[r.Name.Schema] = append(c.routinesIn[r.Name.Schema], r)
	}
}

// ServerVersion is the server's version number: 150004 for 15.4.
func (c *Cache) ServerVersion() int { return c.serverVersion }

// Schemas are the exposed schemas, the default one first.
func (c *Cache) Schemas() []string { return c.schemas }

// Table finds a relation of an exposed schema.
func (c *Cache) Table(name ident.Qualified) (*Table, bool) {
	t, ok := c.tables[name]
	return t, ok
}

// Tables walks the relations of a schema by name.
func (c *Cache) Tables(schema string) iter.Seq[*Table] {
	return slices.Values(c.tablesIn[schema])
}

// Relationships lists those from table to any relation of schema, computed
// ones (whose function is in schema) last. The order is that of PostgREST's
// PGRST201 details. Both ends and the junction are in exposed schemas.
//
// Without any the list is nil when nothing leads to schema, and empty when
// only something that is not exposed does.
func (c *Cache) Relationships(table ident.Qualified, schema string) []*Relationship {
	key := listKey{table, schema}
	if list, ok := c.lists.Load(key); ok {
		return list.([]*Relationship)
	}
	list := c.graph.list(table, schema)
	if list == nil || c.kept.Load() > maxKept { // unknown names, which clients make up, are never kept
		return list
	}
	kept, loaded := c.lists.LoadOrStore(key, list)
	if !loaded {
		c.kept.Add(int64(len(list)))
	}
	return kept.([]*Relationship)
}

type listKey struct {
	table  ident.Qualified
	schema string
}

// Routines lists the overloads of a name, those with the fewest parameters first.
func (c *Cache) Routines(name ident.Qualified) []*Routine {
	return c.routines[name]
}

// AllRoutines walks the routines of a schema by name, overloads as in Routines.
func (c *Cache) AllRoutines(schema string) iter.Seq[*Routine] {
	return slices.Values(c.routinesIn[schema])
}

// Role returns the settings of a role; none for an unknown one.
func (c *Cache) Role(name string) Role {
	if r, ok := c.roles[name]; ok {
		return *r
	}
	return Role{Name: name}
}

// Size counts the contents of the schema cache, for logs.
type Size struct {
	Tables, ForeignKeys, Routines, Representations, Handlers int
}

// Size counts the contents of the schema cache. Foreign keys stand for the
// relationships, which are derived from them when asked for.
func (c *Cache) Size() Size {
	return Size{
		Tables:          len(c.tables),
		ForeignKeys:     c.graph.foreignKeys,
		Routines:        len(c.routines),
		Representations: len(c.representations),
		Handlers:        len(c.handlers),
	}
}
