package catalog

import (
	"context"
	"maps"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// view is a view and where its columns come from.
type view struct {
	name    ident.Qualified
	columns []string
	targets []target
}

// origin is a column of a relation.
type origin struct {
	relation uint32
	column   int16
}

// views follows the columns of the exposed views down to tables, through views
// of the exposed schemas and the extra search path.
func (r *reader) views(ctx context.Context, f *schemacache.Facts, o Options) error {
	all := make(map[uint32]view)
	err := r.each(ctx, "views", func(row row) {
		all[row.oid(0)] = view{name: row.name(1), columns: row.texts(3), targets: targets(row.bytes(4))}
	}, slices.Concat(o.Schemas, o.ExtraSearchPath))
	if err != nil || len(all) == 0 {
		return err
	}
	shown := make(map[uint32]map[origin][]string) // by view
	for oid, v := range all {
		if slices.Contains(o.Schemas, v.name.Schema) {
			shown[oid] = origins(all, oid)
		}
	}
	tables, err := r.viewTables(ctx, shown)
	if err != nil {
		return err
	}
	for _, oid := range slices.Sorted(maps.Keys(shown)) {
		f.Views = append(f.Views, sources(all[oid].name, shown[oid], tables)...)
	}
	for _, t := range tables {
		if len(t.key.Columns) > 0 {
			f.PrimaryKeys = append(f.PrimaryKeys, t.key)
		}
	}
	return nil
}

// origins maps each column that a view shows unchanged to the view's names for
// it, in the view's order. Views in between are followed; their own columns
// are not listed, as they have no keys.
func origins(all map[uint32]view, oid uint32) map[origin][]string {
	v := all[oid]
	names := make(map[origin][]string, len(v.targets))
	for _, t := range v.targets {
		if at := int(t.column) - 1; at >= 0 && at < len(v.columns) {
			o := follow(all, origin{t.relation, t.source})
			names[o] = append(names[o], v.columns[at])
		}
	}
	return names
}

// follow goes down from a view's column to the table's. A view cannot be
// defined over itself, but the bound costs nothing and a cycle would.
func follow(all map[uint32]view, o origin) origin {
	for range len(all) {
		v, isView := all[o.relation]
		if !isView {
			return o
		}
		i := slices.IndexFunc(v.targets, func(t target) bool { return t.column == o.column })
		if i < 0 {
			return origin{} // an expression
		}
		o = origin{v.targets[i].relation, v.targets[i].source}
	}
	return origin{}
}

// viewTable is a table that views show.
type viewTable struct {
	key     schemacache.PrimaryKey // with the table's name, even without columns
	columns map[int16]string
}

func (r *reader) viewTables(ctx context.Context, shown map[uint32]map[origin][]string) (map[uint32]viewTable, error) {
	wanted := make(map[uint32]struct{})
	for _, names := range shown {
		for o := range names {
			wanted[o.relation] = struct{}{}
		}
	}
	tables := make(map[uint32]viewTable, len(wanted))
	err := r.each(ctx, "view_tables", func(row row) {
		t := viewTable{
			key:     schemacache.PrimaryKey{Table: row.name(1), Columns: row.texts(5)},
			columns: make(map[int16]string),
		}
		names := row.texts(4)
		for i, number := range row.int16s(3) {
			t.columns[number] = names[i]
		}
		tables[row.oid(0)] = t
	}, slices.Sorted(maps.Keys(wanted)))
	return tables, err
}

// sources groups the columns that a view shows by their table.
func sources(name ident.Qualified, shown map[origin][]string, tables map[uint32]viewTable) []schemacache.ViewSource {
	byTable := make(map[uint32][]schemacache.ViewColumn)
	for o, as := range shown {
		if column, ok := tables[o.relation].columns[o.column]; ok {
			byTable[o.relation] = append(byTable[o.relation], schemacache.ViewColumn{Column: column, As: as})
		}
	}
	list := make([]schemacache.ViewSource, 0, len(byTable))
	for _, oid := range slices.Sorted(maps.Keys(byTable)) {
		list = append(list, schemacache.ViewSource{
			View: name, Table: tables[oid].key.Table, Columns: byTable[oid],
		})
	}
	return list
}
