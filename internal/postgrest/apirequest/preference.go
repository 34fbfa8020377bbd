package apirequest

// Preferences are what the Prefer headers ask for. Of each the first that is
// valid counts.
type Preferences struct {
	Resolution     Resolution
	Representation Representation
	Count          Count
	Transaction    Transaction
	Missing        Missing
	Handling       Handling
	Timezone       string // HasTimezone tells "" from absent
	HasTimezone    bool
	MaxAffected    int64 // HasMaxAffected tells 0 from absent
	HasMaxAffected bool
	Invalid        []string // what no preference has for a value, in order
}

// Resolution is how an insert treats a row that exists.
type Resolution uint8

// The values of resolution.
const (
	ResolutionNone Resolution = iota
	MergeDuplicates
	IgnoreDuplicates
)

// Representation is how much of the changed rows is returned.
type Representation uint8

// The values of return.
const (
	ReturnDefault Representation = iota
	ReturnRepresentation
	ReturnMinimal
	ReturnHeadersOnly
)

// Count is how the total is found.
type Count uint8

// The values of count.
const (
	CountNone Count = iota
	CountExact
	CountPlanned
	CountEstimated
)

// Exact reports whether rows must be counted.
func (c Count) Exact() bool { return c == CountExact || c == CountEstimated }

// Explain reports whether the planner must be asked.
func (c Count) Explain() bool { return c == CountPlanned || c == CountEstimated }

// Transaction is how the transaction ends.
type Transaction uint8

// The values of tx.
const (
	TxDefault Transaction = iota
	TxCommit
	TxRollback
)

// Missing is the value of columns that a row of the body lacks.
type Missing uint8

// The values of missing.
const (
	MissingUnset Missing = iota
	MissingDefault
	MissingNull
)

// Handling is how unknown preferences are treated.
type Handling uint8

// The values of handling.
const (
	HandlingUnset Handling = iota
	HandlingStrict
	HandlingLenient
)

// Applied returns the value of the Preference-Applied header, "" for none.
//
// Clear what does not apply to an action before calling it.
func (p Preferences) Applied() string { return p.applied() }
