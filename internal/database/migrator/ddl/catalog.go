package ddl

import (
	"maps"
	"slices"
	"strings"
)

// Catalog holds the objects from before a script, with the changes of the script
// so far: Read changes it as the statements would.
type Catalog struct {
	Relations map[string]*Relation // by qualified name, unquoted: "public.profiles"
}

// Relation is a table, or a view.
type Relation struct {
	Name    string
	Columns map[string]Column
	Parts   map[string]Part // by PartKey: the parts that a statement may find there already
	Rows    int64           // an estimate
	Bytes   int64           // with indexes and TOAST
	New     bool            // made by the script: nobody waits for it, and it is empty or nearly
}

// Column holds the properties that a change of a column depends on.
type Column struct {
	Type    string // as format_type gives it: "numeric(10,4)"
	NotNull bool
}

// Part is an index, constraint, policy or trigger of a relation.
type Part struct {
	Kind, Name string // Kind: "index", "constraint", "policy", "trigger"
	References string // the relation that a foreign key points to
}

// PartKey is the key of a part in Relation.Parts.
func PartKey(kind, name string) string { return kind + " " + name }

// Clone is a copy that Read may change.
func (c Catalog) Clone() Catalog {
	relations := make(map[string]*Relation, len(c.Relations))
	for name, r := range c.Relations {
		r2 := *r
		r2.Columns, r2.Parts = maps.Clone(r.Columns), maps.Clone(r.Parts)
		relations[name] = &r2
	}
	return Catalog{Relations: relations}
}

// owner is the relation that has the part, nil if none has.
func (c Catalog) owner(kind, name string) *Relation {
	for _, r := range c.Relations {
		if r.has(kind, name) {
			return r
		}
	}
	return nil
}

// referencing are the names of relations with a foreign key to name, sorted.
func (c Catalog) referencing(name string) (list []string) {
	for _, r := range c.Relations {
		for _, p := range r.Parts {
			if p.References == name && r.Name != name && !slices.Contains(list, r.Name) {
				list = append(list, r.Name)
			}
		}
	}
	slices.Sort(list)
	return list
}

func newRelation(name string) *Relation {
	return &Relation{Name: name, Columns: map[string]Column{}, Parts: map[string]Part{}, New: true}
}

func (r *Relation) has(kind, name string) bool {
	_, ok := r.Parts[PartKey(kind, name)]
	return ok
}

func (r *Relation) add(p Part) { r.Parts[PartKey(p.Kind, p.Name)] = p }

func (r *Relation) drop(kind, name string) { delete(r.Parts, PartKey(kind, name)) }

// references are the targets of the relation's foreign keys, sorted.
func (r *Relation) references() (list []string) {
	for _, p := range r.Parts {
		if p.References != "" && !slices.Contains(list, p.References) {
			list = append(list, p.References)
		}
	}
	slices.Sort(list)
	return list
}

// base is a qualified name without its schema.
func base(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
