package policy

import (
	"cmp"
	"fmt"
	"strings"
)

// Cells are the cells of squares.
func Cells(squares []Square) []Cell {
	cells := make([]Cell, len(squares))
	for i, s := range squares {
		cells[i] = s.Cell
	}
	return cells
}

// Difference is a cell that is not as the migrations intend, or not as the
// product needs it.
type Difference struct {
	Want Cell
	Got  Access // 0: the object does not exist
	Why  string // the grant or policy behind Got
}

// Differences is a list of them, one line each in text.
type Differences []Difference

func (list Differences) String() string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%-36s %-17s %-7s want %s, have %s", d.Want.Object, d.Want.Role, d.Want.Operation, d.Want.Access, d.Got)
		if d.Got == Refused || d.Got == NoRow {
			fmt.Fprintf(&b, " (%s)", d.Why)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// because is the reason behind Access, as far as the catalog has it.
func (s Square) because() string {
	if s.Access == Refused && s.Catalog != Refused {
		return cmp.Or(s.Note, "refused when tried, in spite of "+s.Why)
	}
	return s.Why
}

// cellKey says which cell of the matrix it is, whatever its access.
type cellKey struct{ object, role, operation string }

func (c Cell) key() cellKey { return cellKey{c.Object, c.Role, c.Operation} }

func byCell(squares []Square) map[cellKey]Square {
	have := make(map[cellKey]Square, len(squares))
	for _, s := range squares {
		have[s.key()] = s
	}
	return have
}

// Compare looks for the expected cells among those of a database, and for the cells
// of the base tables that the product needs, and as a role of the tenant for the
// cells that its permissions should give. Further cells of the database are not
// judged, and neither is a base table that it does not have.
func Compare(squares []Square) Differences {
	have := byCell(squares)
	var list Differences
	for _, want := range Intended() {
		if s := have[want.key()]; s.Access != want.Access {
			list = append(list, Difference{want, s.Access, s.because()})
		}
	}
	for _, s := range squares {
		if s.Want != 0 && s.Access != s.Want {
			list = append(list, Difference{Cell{s.Object, s.Role, s.Operation, s.Want}, s.Access, s.because()})
		}
	}
	for _, want := range Needed() {
		if s, ok := have[want.key()]; ok && !want.meets(s) {
			list = append(list, Difference{want, s.Access, s.because()})
		}
	}
	return list
}

// Width orders accesses by how many rows they reach; 0 is none.
func (a Access) Width() int {
	switch a {
	case Refused, NoRow, Unproven, Any:
		return 0
	case Own:
		return 1
	case Condition:
		return 2
	case All, Call:
		return 3
	}
	return 0 // the object does not exist
}

// String describes an access in words.
func (a Access) String() string {
	switch a {
	case Refused:
		return "denied"
	case NoRow:
		return "no row"
	case Own:
		return "own rows"
	case All, Call:
		return "allowed"
	case Condition:
		return "rows by condition"
	case Any:
		return "anything"
	case Unproven:
		return "not provable"
	}
	return "nothing: it does not exist"
}
