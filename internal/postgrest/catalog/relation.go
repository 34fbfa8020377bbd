package catalog

import (
	"context"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// What pg_relation_is_updatable says: 1 << the server's number of the command.
const (
	canUpdate = 1 << 2
	canInsert = 1 << 3
	canDelete = 1 << 4
)

func (r *reader) relations(ctx context.Context, f *schemacache.Facts, o Options) error {
	byOID := make(map[uint32]int)
	err := r.each(ctx, "relations", func(row row) {
		byOID[row.oid(0)] = len(f.Tables)
		events := row.int32(5)
		f.Tables = append(f.Tables, schemacache.Table{
			Name:        row.name(1),
			Description: row.text(3),
			IsView:      row.bool(4),
			Insertable:  events&canInsert != 0,
			Updatable:   events&canUpdate != 0,
			Deletable:   events&canDelete != 0,
			PrimaryKey:  row.texts(6),
		})
	}, o.Schemas)
	if err != nil {
		return err
	}
	return r.columns(ctx, f.Tables, byOID, o)
}

// columns fills the columns of tables. Rows come by relation, so that each
// relation's columns are one run of one slice.
func (r *reader) columns(ctx context.Context, tables []schemacache.Table, byOID map[uint32]int, o Options) error {
	var (
		all   []schemacache.Column
		owner []int    // table of each column
		enums []uint32 // enum type of each column; 0 = none
	)
	err := r.each(ctx, "columns", func(row row) {
		table, ok := byOID[row.oid(0)]
		if !ok {
			return
		}
		owner, enums = append(owner, table), append(enums, row.oid(8))
		all = append(all, schemacache.Column{
			Name:        row.text(1),
			Description: row.text(2),
			Nullable:    row.bool(3),
			Type:        row.text(4),
			NominalType: row.text(5),
			MaxLength:   row.int32(6),
			Default:     row.text(7),
		})
	}, o.Schemas)
	if err != nil {
		return err
	}
	if err := r.enums(ctx, all, enums); err != nil {
		return err
	}
	for start := 0; start < len(all); {
		end := start + 1
		for end < len(all) && owner[end] == owner[start] {
			end++
		}
		tables[owner[start]].Columns = all[start:end:end]
		start = end
	}
	return nil
}

// enums fills the labels of columns, whose enum types are in types.
func (r *reader) enums(ctx context.Context, columns []schemacache.Column, types []uint32) error {
	labels := make(map[uint32][]string)
	for _, t := range types {
		if t != 0 {
			labels[t] = nil
		}
	}
	if len(labels) == 0 {
		return nil
	}
	wanted := make([]uint32, 0, len(labels))
	for t := range labels {
		wanted = append(wanted, t)
	}
	err := r.each(ctx, "enums", func(row row) {
		labels[row.oid(0)] = row.texts(1)
	}, wanted)
	for i, t := range types {
		columns[i].Enum = labels[t]
	}
	return err
}

func (r *reader) foreignKeys(ctx context.Context, f *schemacache.Facts, _ Options) error {
	return r.each(ctx, "foreign_keys", func(row row) {
		f.ForeignKeys = append(f.ForeignKeys, schemacache.ForeignKey{
			Table:   row.name(0),
			Foreign: row.name(2),
			Name:    row.text(4),
			Columns: row.pairs(5),
			Unique:  row.bool(7),

			InPrimaryKey: row.bool(8),
		})
	})
}

func (r *reader) computedRelationships(ctx context.Context, f *schemacache.Facts, o Options) error {
	return r.each(ctx, "computed_relationships", func(row row) {
		f.Computed = append(f.Computed, schemacache.ComputedRelationship{
			Function: row.name(0),
			Table:    row.name(2),
			Foreign:  row.name(4),
			ToOne:    row.bool(6),
		})
	}, o.Schemas)
}
