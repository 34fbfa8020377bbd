package source

import (
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"
)

// decoder turns the messages of pgoutput, version 1, into changes.
type decoder struct {
	keysOf    func(oid uint32) ([]string, error) // of the primary key
	relations map[uint32]*relation
	xid       uint32
	at        time.Time // of the commit
}

// relation is a table as the stream describes it before its first change, and
// again after each change of its columns.
type relation struct {
	schema, table string
	key           []string
	places        []int // of key among the columns
	fields        []place
}

// place is a column whose values are told.
type place struct {
	at     int
	column string
	oid    uint32
}

// decode reads one message; ok is false for those that are no change.
func (d *decoder) decode(data []byte) (c Change, ok bool, err error) {
	message, err := pglogrepl.Parse(data)
	if err != nil {
		return c, false, fmt.Errorf("read the write-ahead log: %w", err)
	}
	switch m := message.(type) {
	case *pglogrepl.BeginMessage:
		d.xid, d.at = m.Xid, m.CommitTime
	case *pglogrepl.RelationMessage:
		return c, false, d.describe(m)
	case *pglogrepl.InsertMessage:
		c, ok = d.change(m.RelationID, "INSERT", m.Tuple, nil)
	case *pglogrepl.UpdateMessage:
		c, ok = d.change(m.RelationID, "UPDATE", m.NewTuple, m.OldTuple)
	case *pglogrepl.DeleteMessage:
		c, ok = d.change(m.RelationID, "DELETE", m.OldTuple, nil)
	}
	return c, ok, nil
}

func (d *decoder) describe(m *pglogrepl.RelationMessage) error {
	key, err := d.keysOf(m.RelationID)
	if err != nil {
		return err
	}
	r := &relation{schema: m.Namespace, table: m.RelationName, key: key}
	for _, name := range key {
		r.places = append(r.places, slices.IndexFunc(m.Columns, func(c *pglogrepl.RelationMessageColumn) bool { return c.Name == name }))
	}
	for i, c := range m.Columns {
		if Comparable(c.DataType) {
			r.fields = append(r.fields, place{i, c.Name, c.DataType})
		}
	}
	d.relations[m.RelationID] = r
	return nil
}

// change is that of one row. Tables without a primary key, and rows whose key
// the stream does not have, are not told of.
func (d *decoder) change(oid uint32, op string, tuple, old *pglogrepl.TupleData) (c Change, ok bool) {
	r := d.relations[oid]
	if r == nil || len(r.key) == 0 {
		return c, false
	}
	values := r.values(tuple)
	if values == nil {
		return c, false
	}
	before := r.values(old)
	return Change{
		OID: oid, Schema: r.schema, Table: r.table, Op: op, Key: r.key, Values: values,
		Rekeyed: before != nil && !slices.Equal(before, values), At: d.at, XID: d.xid,
		Fields: r.told(tuple),
	}, true
}

// values are those of the key; nil where one is not there.
func (r *relation) values(tuple *pglogrepl.TupleData) []string {
	if tuple == nil {
		return nil
	}
	list := make([]string, len(r.places))
	for i, place := range r.places {
		if place < 0 || place >= len(tuple.Columns) || tuple.Columns[place].DataType != pglogrepl.TupleDataTypeText {
			return nil
		}
		list[i] = string(tuple.Columns[place].Data)
	}
	return list
}

// told are the short values of a row. Of a row that is gone the stream may have the
// key alone, and NULL for the rest: NULL is therefore not told.
func (r *relation) told(tuple *pglogrepl.TupleData) []Field {
	const short = 100 // bytes
	list := make([]Field, 0, len(r.fields))
	for _, p := range r.fields {
		if p.at >= len(tuple.Columns) {
			break
		}
		if c := tuple.Columns[p.at]; c.DataType == pglogrepl.TupleDataTypeText && len(c.Data) <= short {
			list = append(list, Field{p.column, p.oid, string(c.Data)})
		}
	}
	return list
}
