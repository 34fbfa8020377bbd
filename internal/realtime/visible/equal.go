package visible

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/romashka/sidecar/internal/realtime/source"
)

// equality is a filter that can be compared without the database: it saves the
// question for each of a thousand readers of whom a row is one's.
type equality struct {
	column string
	oid    uint32
	text   string // as PostgreSQL writes the value
}

// compare finds the filters of s that can be compared.
func (s *Spec) compare(t *table) {
	s.equal = nil
	for _, f := range s.Filters {
		c, ok := t.find(f.Column)
		if !ok || f.Op != "eq" || f.Not || !c.exact || !source.Comparable(c.oid) {
			continue
		}
		if text, ok := written(f.Value, c.oid); ok {
			s.equal = append(s.equal, equality{c.name, c.oid, text})
		}
	}
}

// written is a value as PostgreSQL writes it; ok is false where that is not known.
func written(value string, oid uint32) (text string, ok bool) {
	switch oid {
	case pgtype.UUIDOID:
		id, err := uuid.Parse(value)
		return id.String(), err == nil
	case pgtype.TextOID, pgtype.VarcharOID:
		return value, true
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return strconv.FormatInt(n, 10), err == nil
}

// RulesOut reports whether the row, as it was written, is certain not to pass the
// filters of s. That it may pass says nothing: the database is asked.
func (s *Spec) RulesOut(ch *source.Change) bool {
	for _, e := range s.equal {
		if f, ok := ch.Field(e.column); ok && f.Type == e.oid && f.Text != e.text {
			return true
		}
	}
	return false
}
