package schemacache

import "github.com/romashka/sidecar/internal/postgrest/ident"

// Table is a table, view, materialized view, foreign or partitioned table of
// an exposed schema. Partitions have none: clients reach them by their parent.
type Table struct {
	Name        ident.Qualified
	Description string // "" = none
	IsView      bool   // view or materialized view

	// Commands that the relation itself allows to anybody; privileges are the database's matter.
	Insertable, Updatable, Deletable bool

	// PrimaryKey holds column names: in alphabetical order for tables, in
	// key order for views, which inherit the keys of the tables they show.
	PrimaryKey []string
	Columns    []Column // in the order of definition

	byName map[string]int // nil for narrow tables
}

// Column is one column of a Table.
type Column struct {
	Name        string
	Description string // "" = none
	Nullable    bool
	// Type is the built-in type behind the column: domains are resolved and
	// modifiers dropped, as in "character varying".
	Type string
	// NominalType is the type as declared, such as "character varying(20)" or
	// the name of the domain; representations are found by it.
	NominalType string
	MaxLength   int32    // in characters or bits; 0 = no limit
	Default     string   // SQL expression; "" = none
	Enum        []string // labels in enum order; shared, read only
}

// A table this wide finds its columns by map; below, walking the slice is faster.
const wideTable = 16

// Column finds a column by name.
func (t *Table) Column(name string) (*Column, bool) {
	if t.byName != nil {
		i, ok := t.byName[name]
		if !ok {
			return nil, false
		}
		return &t.Columns[i], true
	}
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i], true
		}
	}
	return nil, false
}

// index prepares Column for wide tables.
func (t *Table) index() {
	if len(t.Columns) < wideTable {
		return
	}
	t.byName = make(map[string]int, len(t.Columns))
	for i := range t.Columns {
		t.byName[t.Columns[i].Name] = i
	}
}
