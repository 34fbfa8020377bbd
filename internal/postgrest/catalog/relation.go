package catalog

import (
	"context"
	"maps"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Bits that pg_relation_is_updatable returns: 1 << the server's number of the command.
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

// columns fills the columns of tables. Rows come by relation.
func (r *reader) columns(ctx context.Context, tables []schemacache.Table, byOID map[uint32]int, o Options) error {
	var (
		current uint32               // relation of run
		run     []schemacache.Column // its columns so far
		enums   = make(enumColumns)
	)
	flush := func() {
		if i, ok := byOID[current]; ok {
			tables[i].Columns = slices.Clone(run)
		}
		run = run[:0]
	}
	err := r.each(ctx, "columns", func(row row) {
		if oid := row.oid(0); oid != current {
			flush()
			current = oid
		}
		if enum := row.oid(8); enum != 0 {
			enums[enum] = append(enums[enum], enumColumn{current, len(run)})
		}
		run = append(run, schemacache.Column{
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
	flush()
	return r.enums(ctx, tables, byOID, enums)
}

// enumColumns lists columns by enum type.
type enumColumns map[uint32][]enumColumn

type enumColumn struct {
	relation uint32
	index    int // in the relation's columns
}

// enums fills the labels of columns, which all columns of a type share.
func (r *reader) enums(ctx context.Context, tables []schemacache.Table, byOID map[uint32]int, columns enumColumns) error {
	if len(columns) == 0 {
		return nil
	}
	return r.each(ctx, "enums", func(row row) {
		labels := row.texts(1)
		for _, c := range columns[row.oid(0)] {
			if i, ok := byOID[c.relation]; ok {
				tables[i].Columns[c.index].Enum = labels
			}
		}
	}, slices.Sorted(maps.Keys(columns)))
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
