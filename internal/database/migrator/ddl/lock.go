package ddl

import "fmt"

// Lock is how strongly a table is held until the end of the transaction.
type Lock int

// The locks of PostgreSQL, weakest first.
const (
	NoLock Lock = iota
	AccessShare
	RowShare
	RowExclusive
	ShareUpdateExclusive
	Share
	ShareRowExclusive
	Exclusive
	AccessExclusive
)

// lockNames are as in the documentation of LOCK. Read-only.
var lockNames = [...]string{
	"", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE",
	"SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
}

func (l Lock) String() string {
	if l < 0 || int(l) >= len(lockNames) {
		return fmt.Sprintf("Lock(%d)", int(l))
	}
	return lockNames[l]
}

// MarshalText writes the lock's name.
func (l Lock) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Blocks says who has to wait meanwhile.
func (l Lock) Blocks() string {
	switch {
	case l == AccessExclusive:
		return "reads and writes"
	case l >= Share:
		return "writes"
	case l == ShareUpdateExclusive:
		return "schema changes and vacuum"
	default:
		return "nobody"
	}
}
