package policy

import (
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

// Difference is a cell that is not as the migrations intend.
type Difference struct {
	Want Cell
	Got  Access // 0: the object does not exist
}

// Differences is a list of them, one line each in text.
type Differences []Difference

func (list Differences) String() string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%-36s %-17s %-7s want %s, have %s\n", d.Want.Object, d.Want.Role, d.Want.Operation, d.Want.Access, d.Got)
	}
	return b.String()
}

// Compare looks for the expected cells in what a database has. What the
// database has beside them, its own tables, is not judged.
func Compare(squares []Square) Differences {
	have := map[[3]string]Access{}
	for _, s := range squares {
		have[[3]string{s.Object, s.Role, s.Operation}] = s.Access
	}
	var list Differences
	for _, want := range Expected() {
		if got := have[[3]string{want.Object, want.Role, want.Operation}]; got != want.Access {
			list = append(list, Difference{want, got})
		}
	}
	return list
}

// String says in words what an access is.
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
	case Unproven:
		return "not provable"
	}
	return "nothing: it does not exist"
}
